import { PhizError } from '../errors.ts';
import type { Owner } from './fair-queue.ts';

/** A call's place among those in progress. The work of one ticket takes turns with that of others. */
export interface Ticket extends Owner {
  /** Counts bytes that have come: of the body, or of a fetched picture. @throws PhizError OVERLOADED */
  hold(bytes: number): void;
  /**
   * Takes the place, when everything of the call is there: who sends slowly keeps nobody out.
   * @throws PhizError OVERLOADED
   */
  begin(): void;
  /** Gives the place back; more than once does nothing. */
  release(): void;
}

export interface AdmissionLimits {
  /** Calls in progress, running and waiting. */
  readonly calls: number;
  /** Bytes that they hold together. */
  readonly bytes: number;
  /** What works side by side. */
  readonly instances: number;
  /** Milliseconds that a call may be expected to wait before its own work begins. */
  readonly wait: number;
}

/** Share of one picture in the moving mean of what a picture takes, and how many it takes to have one. */
const newestShare = 1 / 16;
const leastPictures = 8;

/**
 * The bound on work accepted and not yet answered. Whoever has begun is served, unless what is
 * fetched for it exceeds the bytes.
 */
export class Admission {
  open = true;
  calls = 0;
  bytes = 0;
  /** Milliseconds that one picture keeps an instance busy: the moving mean of so many. */
  #pictureTime = 0;
  #pictures = 0;
  readonly #limits: AdmissionLimits;
  readonly #onRelease: (ticket: Ticket) => void;
  #emptied: (() => void) | undefined;

  /** @param onRelease told of every ticket that was given back */
  constructor(limits: AdmissionLimits, onRelease: (ticket: Ticket) => void = () => {}) {
    this.#limits = limits;
    this.#onRelease = onRelease;
  }

  /** A place for work that is there already. @throws PhizError OVERLOADED */
  admit(bytes: number): Ticket {
    const ticket = this.receive(bytes);
    ticket.hold(bytes);
    ticket.begin();
    return ticket;
  }

  /**
   * A ticket for a call that is still to come, if it had a place now.
   * @param bytes that it will bring, as far as is known
   * @param client who sends it
   * @throws PhizError OVERLOADED
   */
  receive(bytes: number, client?: string): Ticket {
    this.#checkCalls();
    this.#checkBytes(bytes);
    let held = 0;
    let state: 'coming' | 'begun' | 'released' = 'coming';
    const ticket: Ticket = {
      client,
      hold: (more) => {
        this.#checkBytes(more);
        this.bytes += more;
        held += more;
      },
      begin: () => {
        this.#checkCalls();
        this.calls++;
        state = 'begun';
      },
      release: () => {
        if (state === 'begun') this.calls--;
        if (state !== 'released') this.bytes -= held;
        state = 'released';
        this.#onRelease(ticket);
        if (this.calls === 0) this.#emptied?.();
      },
    };
    return ticket;
  }

  /** Tells how long a picture kept instances busy, in milliseconds: all of them together. */
  pictureDone(busy: number): void {
    this.#pictures++;
    this.#pictureTime += (busy - this.#pictureTime) * Math.max(newestShare, 1 / this.#pictures);
  }

  /** Admits no more; resolves when whoever has begun is done. */
  async close(): Promise<void> {
    this.open = false;
    if (this.calls > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
  }

  #checkCalls(): void {
    if (!this.open) throw new PhizError('OVERLOADED', 'the service is shutting down');
    if (this.calls >= this.#limits.calls) {
      throw new PhizError('OVERLOADED', `${this.calls} calls are in progress; try again later`);
    }
    this.#checkWait();
  }

  /**
   * Calls take turns picture by picture, so a picture waits for about one of every call before it.
   * Where an instance is free it does not wait, however long the last ones took.
   */
  #checkWait(): void {
    const { instances, wait } = this.#limits;
    if (this.calls < instances || this.#pictures < leastPictures) return;
    const expected = (this.calls * this.#pictureTime) / instances;
    if (expected <= wait) return;
    const seconds = Math.ceil(expected / 1_000);
    throw new PhizError('OVERLOADED', `about ${seconds} s of work are before this call; try again later`);
  }

  #checkBytes(more: number): void {
    if (this.bytes + more <= this.#limits.bytes) return;
    throw new PhizError('OVERLOADED', 'the calls in progress hold too many bytes; try again later');
  }
}
