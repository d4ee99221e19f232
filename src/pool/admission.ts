import { PhizError } from '../errors.ts';
import { type Arrival, Arrivals } from './arrivals.ts';
import type { Owner } from './fair-queue.ts';

/** A call's place among those in progress. The work of one ticket takes turns with that of others. */
export interface Ticket extends Owner {
  /**
   * Counts something that comes in parts.
   * @param cut told when others need the memory: nothing of it is to be kept then
   */
  receive(cut: (reason: PhizError) => void): Arrival;
  /** Counts bytes that are held until they are dropped, or the ticket is released. @throws PhizError OVERLOADED */
  hold(bytes: number): void;
  drop(bytes: number): void;
  /**
   * Takes the place, when the call is there: who sends slowly keeps nobody out.
   * @param price what its work costs, as estimated
   * @throws PhizError OVERLOADED
   */
  begin(price?: number): void;
  /** Work of this price has come to it. */
  expect(price: number): void;
  /** Work of this price is done. */
  worked(price: number): void;
  /** All work is done: only these bytes, its answer, are still held, and the place is free. */
  answer(bytes: number): void;
  /** Gives everything back; more than once does nothing. */
  release(): void;
}

export interface AdmissionLimits {
  /** Calls at work, running and waiting. */
  readonly calls: number;
  /** Bytes that they hold together, with what is left of answered ones; and what is still coming, apart. */
  readonly bytes: number;
  /** Instances that work side by side. */
  readonly instances: number;
  /** Milliseconds that a call may be expected to wait before its own work begins. */
  readonly wait: number;
}

/** Share of the bytes, and of the places where there are many, that no single party can take. */
const reserve = 1 / 4;
const manyPlaces = 16;

/** Share of one picture in the moving mean of what work takes, and how many it takes to have one. */
const newestShare = 1 / 16;
const leastPictures = 8;

/** A call that was given a ticket. */
class AdmittedCall implements Ticket {
  readonly client: string | undefined;
  state: 'coming' | 'working' | 'answered' | 'released' = 'coming';
  bytes = 0;
  /** Of the work that is not done. */
  price = 0;
  readonly #admission: Admission;

  constructor(admission: Admission, client: string | undefined) {
    this.#admission = admission;
    this.client = client;
  }

  receive(cut: (reason: PhizError) => void): Arrival {
    return this.#admission.arrivals.begin(this, cut);
  }

  hold(bytes: number): void {
    this.#admission.checkBytes(this, bytes);
    this.#count(bytes);
  }

  drop(bytes: number): void {
    this.#count(-bytes);
  }

  begin(price = 1): void {
    this.#admission.checkCalls(this, price);
    this.price = price;
    this.state = 'working';
    this.#admission.enter(this);
  }

  expect(price: number): void {
    this.price += price;
  }

  worked(price: number): void {
    this.price = Math.max(0, this.price - price);
  }

  answer(bytes: number): void {
    if (this.state === 'released') return;
    this.#count(bytes - this.bytes);
    this.price = 0;
    this.state = 'answered';
  }

  release(): void {
    if (this.state === 'released') return;
    this.#count(-this.bytes);
    this.state = 'released';
    this.#admission.leave(this);
  }

  #count(bytes: number): void {
    if (this.state === 'released') return;
    this.bytes += bytes;
    this.#admission.heldBytes += bytes;
  }
}

/**
 * The bound on what is accepted and not yet gone: places, bytes, and work by its price. Whoever has
 * begun is served, unless what comes for it exceeds the bytes.
 */
export class Admission {
  open = true;
  readonly arrivals: Arrivals;
  /** Bytes held by calls that are there. */
  heldBytes = 0;
  readonly #limits: AdmissionLimits;
  readonly #onRelease: (ticket: Ticket) => void;
  readonly #begun = new Set<AdmittedCall>();
  /** Moving means of what pictures cost: as estimated, and in milliseconds of one instance. */
  meanPrice = 0;
  #meanTime = 0;
  #pictures = 0;
  #emptied: (() => void) | undefined;

  /** @param onRelease told of every ticket that was given back */
  constructor(limits: AdmissionLimits, onRelease: (ticket: Ticket) => void = () => {}) {
    this.#limits = limits;
    this.#onRelease = onRelease;
    this.arrivals = new Arrivals(limits.bytes);
  }

  /** Calls begun and not yet gone. */
  get calls(): number {
    return this.#begun.size;
  }

  /** Bytes held for calls, and for what is coming. */
  get bytes(): number {
    return this.heldBytes + this.arrivals.bytes;
  }

  /** Milliseconds until all that was accepted is done, as expected; undefined until pictures have told what they take. */
  get workLeft(): number | undefined {
    return this.#timeFor([...this.#begun].reduce((sum, { price }) => sum + price, 0));
  }

  /** A place for work that is there already. @throws PhizError OVERLOADED */
  admit(bytes: number, price?: number): Ticket {
    const ticket = this.receive();
    ticket.hold(bytes);
    try {
      ticket.begin(price);
    } catch (error) {
      ticket.release();
      throw error;
    }
    return ticket;
  }

  /**
   * A ticket for a call that is still to come, if it had a place now.
   * @param client who sends it
   * @throws PhizError OVERLOADED
   */
  receive(client?: string): Ticket {
    const call = new AdmittedCall(this, client);
    this.checkCalls(call, 0);
    return call;
  }

  /** Tells how long a picture of a price kept instances busy, in milliseconds: all of them together. */
  pictureDone(busy: number, price = 1): void {
    const share = Math.max(newestShare, 1 / ++this.#pictures);
    this.meanPrice += (price - this.meanPrice) * share;
    this.#meanTime += (busy - this.#meanTime) * share;
  }

  /** Admits no more; resolves when whoever has begun is gone. */
  async close(): Promise<void> {
    this.open = false;
    if (this.calls > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
  }

  enter(call: AdmittedCall): void {
    this.#begun.add(call);
  }

  leave(call: AdmittedCall): void {
    this.#begun.delete(call);
    this.#onRelease(call);
    if (this.calls === 0) this.#emptied?.();
  }

  checkCalls(call: AdmittedCall, price: number): void {
    if (!this.open) throw new PhizError('OVERLOADED', 'the service is shutting down');
    const working = [...this.#begun].filter(({ state }) => state === 'working');
    const { calls } = this.#limits;
    if (working.length >= calls) {
      throw new PhizError('OVERLOADED', `${working.length} calls are in progress; try again later`);
    }
    const own = working.filter(({ client }) => client !== undefined && client === call.client).length;
    if (calls >= manyPlaces && own >= Math.ceil(calls * (1 - reserve))) {
      throw new PhizError('OVERLOADED', `${own} calls of this address are in progress; try again later`);
    }
    this.#checkWait(working, price);
  }

  /**
   * Calls take turns, so one waits for as much work of every other as it has itself. Where an instance
   * is free it does not wait, however long the last ones took.
   */
  #checkWait(working: readonly AdmittedCall[], price: number): void {
    const { instances, wait } = this.#limits;
    if (working.length < instances) return;
    const expected = this.#timeFor(working.reduce((sum, other) => sum + Math.min(other.price, price), 0));
    if (expected === undefined || expected <= wait) return;
    const seconds = Math.ceil(expected / 1_000);
    throw new PhizError('OVERLOADED', `about ${seconds} s of work are before this call; try again later`);
  }

  /** Milliseconds that all instances take for work of this price; undefined until pictures have told. */
  #timeFor(price: number): number | undefined {
    if (this.#pictures < leastPictures || this.meanPrice === 0) return undefined;
    return (price * this.#meanTime) / this.meanPrice / this.#limits.instances;
  }

  /** Large calls leave room for small ones, of which one fits at every place. */
  checkBytes(call: AdmittedCall, more: number): void {
    const { bytes, calls } = this.#limits;
    const spare = reserve * bytes;
    const isSmall = call.bytes + more <= spare / calls;
    if (this.heldBytes + more <= (isSmall ? bytes : bytes - spare)) return;
    throw new PhizError('OVERLOADED', 'the calls in progress hold too many bytes; try again later');
  }
}
