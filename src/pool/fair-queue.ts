/** Whose work it is. */
export interface Owner {
  /** Who sent it, where that is known; owners without a client are nobody's. */
  readonly client?: string | undefined;
}

/**
 * Pieces of work that a newcomer has done before it takes turns with those that are there: a picture, and
 * its faces. Usual calls end within them one after the other, which answers each sooner than all at a time.
 */
const headStart = 2;

/** Milliseconds of service by which newcomers come before others: more of them do not keep these waiting. */
const precedence = 200;

/** The place of one of several sharers on the clock of the resource that they share. */
class Share {
  readonly #joined: number;
  #had = 0;
  #pieces = 0;

  constructor(joined: number) {
    this.#joined = joined;
  }

  /** When it would have had as much, had all been served at once and alike. */
  get time(): number {
    return this.#joined + this.#had;
  }

  /** Who has the least comes next. */
  get turn(): number {
    return this.#pieces < headStart ? this.#joined - precedence : this.time;
  }

  add(milliseconds: number): void {
    this.#had += milliseconds;
    this.#pieces++;
  }
}

/**
 * Sharers of one service that take turns by what they have had of it. The clock shows what each would
 * have had, had all been served at once: a newcomer joins at that time, as if it had had its part.
 */
class Sharers<Key, Member extends { readonly share: Share; readonly length: number }> {
  readonly members = new Map<Key, Member>();
  #clock = 0;

  join(key: Key, create: (share: Share) => Member): Member {
    const known = this.members.get(key);
    if (known) return known;
    const member = create(new Share(this.#clock));
    this.members.set(key, member);
    return member;
  }

  /** Counts a piece of work done for a member. */
  charge(key: Key, milliseconds: number): void {
    this.members.get(key)?.share.add(milliseconds);
    let waiting = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const { share, length } of this.members.values()) {
      if (length === 0) continue;
      waiting++;
      least = Math.min(least, share.time);
    }
    this.#clock += milliseconds / Math.max(1, waiting);
    if (waiting > 0) this.#clock = Math.max(this.#clock, least);
  }

  /** True where a member that is away may be forgotten: one that had more than its part is known when it comes again. */
  mayForget({ share }: Member): boolean {
    return share.time <= this.#clock;
  }

  /** The item that `take` finds with the first member in turn that has one; undefined where none has. */
  inTurn<Item>(take: (member: Member) => Item | undefined): Item | undefined {
    const waiting = [...this.members.values()].filter(({ length }) => length > 0);
    waiting.sort((first, second) => first.share.turn - second.share.turn);
    for (const member of waiting) {
      const item = take(member);
      if (item !== undefined) return item;
    }
    return undefined;
  }
}

interface QueuedCall<Item> {
  readonly share: Share;
  readonly items: Item[];
  readonly length: number;
}

interface Client<Item> {
  readonly share: Share;
  readonly calls: Sharers<Owner, QueuedCall<Item>>;
  readonly length: number;
}

/**
 * Work that waits: clients take turns, and so do the calls of each, by the time that they have been
 * served for. One with a thousand heavy items delays one with a single item by what is at work already.
 */
export class FairQueue<Item extends object> {
  readonly #clients = new Sharers<unknown, Client<Item>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(owner: Owner, item: Item): void {
    const client = this.#clients.join(keyOf(owner), createClient<Item>);
    client.calls.join(owner, createQueuedCall<Item>).items.push(item);
    this.#length++;
  }

  /**
   * Takes an item of whose turn it is.
   * @param rank of two items of a call the one of the lower rank comes first, or the older one;
   * infinite: not now
   */
  take(rank: (item: Item) => number): Item | undefined {
    const item = this.#clients.inTurn(({ calls }) => calls.inTurn(({ items }) => takeFirst(items, rank)));
    if (item !== undefined) this.#length--;
    return item;
  }

  /** Removes an item that still waits. */
  remove(owner: Owner, item: Item): boolean {
    const items = this.#clients.members.get(keyOf(owner))?.calls.members.get(owner)?.items ?? [];
    const index = items.indexOf(item);
    if (index < 0) return false;
    items.splice(index, 1);
    this.#length--;
    return true;
  }

  /** Counts the milliseconds that a piece of an owner's work took. */
  charge(owner: Owner, milliseconds: number): void {
    this.#clients.members.get(keyOf(owner))?.calls.charge(owner, milliseconds);
    this.#clients.charge(keyOf(owner), milliseconds);
  }

  /** An owner that will push no more. */
  leave(owner: Owner): void {
    const { members } = this.#clients;
    members.get(keyOf(owner))?.calls.members.delete(owner);
    if (owner.client === undefined) members.delete(owner);
    const away = [...members].filter(([, { calls }]) => calls.members.size === 0);
    const nobody = away.length === members.size;
    for (const [key, client] of away) {
      if (nobody || this.#clients.mayForget(client)) members.delete(key);
    }
  }
}

/** An owner without a client is one for itself. */
const keyOf = (owner: Owner): unknown => owner.client ?? owner;

function createQueuedCall<Item>(share: Share): QueuedCall<Item> {
  const items: Item[] = [];
  return {
    share,
    items,
    get length() {
      return items.length;
    },
  };
}

function createClient<Item>(share: Share): Client<Item> {
  const calls = new Sharers<Owner, QueuedCall<Item>>();
  return {
    share,
    calls,
    get length() {
      let sum = 0;
      for (const { length } of calls.members.values()) sum += length;
      return sum;
    },
  };
}

function takeFirst<Item>(items: Item[], rank: (item: Item) => number): Item | undefined {
  let first = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, item] of items.entries()) {
    const own = rank(item);
    if (own < least) [first, least] = [index, own];
  }
  return first < 0 ? undefined : items.splice(first, 1)[0];
}
