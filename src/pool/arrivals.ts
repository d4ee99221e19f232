import { PhizError } from '../errors.ts';
import type { Owner } from './fair-queue.ts';

/** Something of a call that comes in parts: its body, or a picture that is fetched for it. */
export interface Arrival {
  /** Counts memory that it takes more. @throws PhizError OVERLOADED */
  grow(bytes: number): void;
  /** It has come, or will not: its bytes count no more. */
  end(): void;
  /** Bytes counted now. */
  readonly bytes: number;
}

/** One that is on its way. */
class Coming implements Arrival {
  bytes = 0;
  /** Bytes times milliseconds that they have been held for, until `since`. */
  #held = 0;
  #since = performance.now();
  readonly owner: Owner;
  readonly cut: (reason: PhizError) => void;
  readonly #arrivals: Arrivals;

  constructor(arrivals: Arrivals, owner: Owner, cut: (reason: PhizError) => void) {
    this.#arrivals = arrivals;
    this.owner = owner;
    this.cut = cut;
  }

  grow(bytes: number): void {
    this.#arrivals.makeRoom(bytes, this);
    this.heldUntil(performance.now());
    this.bytes += bytes;
    this.#arrivals.bytes += bytes;
  }

  end(): void {
    this.#arrivals.remove(this);
    this.#arrivals.bytes -= this.bytes;
    this.bytes = 0;
  }

  heldUntil(now: number): number {
    this.#held += this.bytes * (now - this.#since);
    this.#since = now;
    return this.#held;
  }
}

/**
 * The memory of what is still coming, apart from that of calls at work: who sends slowly keeps nobody
 * out. Where it is full, whoever has held most for longest makes room: of the client that has so in all.
 */
export class Arrivals {
  bytes = 0;
  readonly #limit: number;
  readonly #coming = new Set<Coming>();

  /** @param limit bytes in all */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param cut told when it has to make room; nothing of it is to be kept then */
  begin(owner: Owner, cut: (reason: PhizError) => void): Arrival {
    const coming = new Coming(this, owner, cut);
    this.#coming.add(coming);
    return coming;
  }

  remove(coming: Coming): void {
    this.#coming.delete(coming);
  }

  /** @throws PhizError OVERLOADED where it is the newcomer that had to give way */
  makeRoom(bytes: number, newcomer: Coming): void {
    while (this.bytes + bytes > this.#limit) {
      const longest = this.#longest();
      const reason = new PhizError(
        'OVERLOADED',
        'what is still coming takes too much memory, and this for longest; try again later',
      );
      if (!longest || longest === newcomer || longest.bytes === 0) throw reason;
      longest.end();
      longest.cut(reason);
    }
  }

  #longest(): Coming | undefined {
    const now = performance.now();
    const clients = new Map<unknown, number>();
    const clientOf = ({ owner }: Coming) => owner.client ?? owner;
    for (const coming of this.#coming) {
      clients.set(clientOf(coming), (clients.get(clientOf(coming)) ?? 0) + coming.heldUntil(now));
    }
    let longest: Coming | undefined;
    const weight = (coming: Coming) => [clients.get(clientOf(coming))!, coming.heldUntil(now)] as const;
    for (const coming of this.#coming) {
      if (!longest) longest = coming;
      const [client, own] = weight(coming);
      const [mostClient, mostOwn] = weight(longest);
      if (client > mostClient || (client === mostClient && own > mostOwn)) longest = coming;
    }
    return longest;
  }
}
