/**
 * Works on several items at a time and yields the results in the order of the items.
 *
 * @param width how many are at work or waiting to be taken, at most
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const started: Promise<Result>[] = [];
  let next = 0;
  while (next < items.length || started.length > 0) {
    while (next < items.length && started.length < width) {
      const result = work(items[next++] as Item);
      // A failure is the caller's to see when its turn comes, not an unhandled rejection before.
      result.catch(() => {});
      started.push(result);
    }
    yield await (started.shift() as Promise<Result>);
  }
}
