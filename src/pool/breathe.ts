/** Milliseconds that what is done for calls may keep the thread, all of it together, before the event loop turns. */
const longest = 5;

/** Milliseconds after which nothing more is to be taken in within the same turn. */
const enough = 15;

/** Bytes that are copied in one go. */
const stretch = 2 ** 20;

/** When the work of the present turn of the event loop began, as far as anybody asked. */
let began: number | undefined;

/** Who is told that a turn has taken long enough, and whether they were. */
const listeners = new Set<() => void>();
let told = false;

/** Who is told of each turn, when it is over, how many milliseconds passed from when somebody first asked. */
const turnListeners = new Set<(milliseconds: number) => void>();

/** Work that waits for a turn. */
const waiting: (() => void)[] = [];
let turning = false;

/** More than the promises between a wait that is over and the work behind it. */
const hops = 40;

/** Milliseconds that the present turn has taken, from when somebody first asked. */
export function worked(): number {
  const now = performance.now();
  if (began === undefined) {
    began = now;
    told = false;
    setTimeout(() => {
      began = undefined;
      const lasted = performance.now() - now;
      for (const listener of turnListeners) listener(lasted);
    });
  }
  if (now - began >= enough && !told) {
    told = true;
    for (const listener of listeners) listener();
  }
  return now - began;
}

/** Counts work that is sure to come within the present turn, in milliseconds. */
export function foresee(milliseconds: number): void {
  worked();
  began! -= milliseconds;
  worked();
}

/**
 * Has a listener told, once in a turn, that it has taken long enough: what comes may wait for the next.
 * @returns ends that
 */
export function onLongTurn(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * Has a listener told of each turn in which there was work for calls: the milliseconds from when somebody first
 * asked until the event loop came to what was due then.
 * @returns ends that
 */
export function onTurn(listener: (milliseconds: number) => void): () => void {
  turnListeners.add(listener);
  return () => void turnListeners.delete(listener);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (!turning) setTimeout(turn);
    turning = true;
  });
}

/** Has as many go on, the first that waited first, as there is time for. */
async function turn(): Promise<void> {
  began = undefined;
  worked();
  do {
    waiting.shift()!();
    for (let i = 0; i < hops; i++) await undefined;
  } while (waiting.length > 0 && worked() < longest);
  turning = waiting.length > 0;
  if (turning) setTimeout(turn);
}

/**
 * For work that a client can make long: to be awaited between its steps, each well below a millisecond, so
 * that the event loop is not kept for longer than 5 ms by all such work together.
 *
 * @throws the reason of `signal`, by which the work is given up
 */
export function breath(signal?: AbortSignal): Promise<void> | undefined {
  signal?.throwIfAborted();
  return worked() < longest ? undefined : nextTurn();
}

/**
 * A copy of bytes in memory of its own, made bit by bit.
 * @param capacity bytes of that memory
 */
export async function copiedBytes(
  bytes: Uint8Array,
  capacity = bytes.length,
): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes.length === capacity && capacity <= stretch) {
    // Memory that is made as a copy is not cleared before.
    const copy = new Uint8Array(bytes);
    await breath();
    return copy;
  }
  const copy = new Uint8Array(capacity);
  for (let at = 0; at < bytes.length; at += stretch) {
    copy.set(bytes.subarray(at, at + stretch), at);
    await breath();
  }
  return copy;
}
