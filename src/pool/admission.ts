import { PhizError } from '../errors.ts';

/** A call's place among those in progress. The work of one ticket takes turns with that of others. */
export interface Ticket {
  /** Counts bytes that came after admission, e.g. fetched pictures. @throws PhizError OVERLOADED */
  hold(bytes: number): void;
  /** Gives the place back; more than once does nothing. */
  release(): void;
}

export interface AdmissionLimits {
  /** Calls in progress, running and waiting. */
  readonly calls: number;
  /** Bytes that they hold together. */
  readonly bytes: number;
}

/**
 * The bound on work accepted and not yet answered. A call is refused at the door or not at all:
 * whoever has a ticket is served.
 */
export class Admission {
  open = true;
  calls = 0;
  bytes = 0;
  readonly #limits: AdmissionLimits;
  #emptied: (() => void) | undefined;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** @throws PhizError OVERLOADED */
  admit(bytes: number): Ticket {
    if (!this.open) throw new PhizError('OVERLOADED', 'the service is shutting down');
    if (this.calls >= this.#limits.calls) {
      throw new PhizError('OVERLOADED', `${this.calls} calls are in progress; try again later`);
    }
    this.#checkBytes(bytes);
    this.calls++;
    this.bytes += bytes;
    let held = bytes;
    let released = false;
    return {
      hold: (more) => {
        this.#checkBytes(more);
        this.bytes += more;
        held += more;
      },
      release: () => {
        if (released) return;
        released = true;
        this.calls--;
        this.bytes -= held;
        if (this.calls === 0) this.#emptied?.();
      },
    };
  }

  /** Admits no more; resolves when every ticket is back. */
  async close(): Promise<void> {
    this.open = false;
    if (this.calls > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
  }

  #checkBytes(more: number): void {
    if (this.bytes + more <= this.#limits.bytes) return;
    throw new PhizError('OVERLOADED', 'the calls in progress hold too many bytes; try again later');
  }
}
