/** Milliseconds that the work on one call may keep the thread before others have a turn. */
const longest = 5;

let last = Promise.resolve();

/** Resolves in a turn of the event loop of its own, after those that were asked for before. */
function nextTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setTimeout(resolve)));
  return last;
}

/**
 * For work that a client can make long: await the answer between its steps, each well below a
 * millisecond, and the event loop is never kept for longer than 5 ms.
 */
export function createBreaths(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < longest) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}
