/**
 * Works on several items at a time and yields the results in the order of the items, which are asked
 * for as they are needed.
 *
 * @param width how many are at work or waiting to be taken, at most
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const started: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    // A failure is the caller's to see when its turn comes, not an unhandled rejection before.
    result.catch(() => {});
    started.push(result);
    if (started.length >= width) yield await started.shift()!;
  }
  for (const result of started) yield await result;
}
