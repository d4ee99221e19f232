import { inParts, itemsOf, type Tensors } from './items.ts';
import type { Network, NetworkPart } from './network.ts';

/** Other instances with the same networks, which compute for this one while they have no work of their own. */
export interface Helpers {
  /** Idle instances at this moment; the number may change before they are asked. */
  readonly idle: number;
  /**
   * Has one of them run a network.
   *
   * @param network its id
   * @param inputs go with the question: their memory is gone here
   * @param part what is wanted; absent: all
   * @returns the outputs; undefined where none is free after all, or the one that was is lost
   */
  run(network: string, inputs: Tensors, part?: NetworkPart): Promise<Tensors | undefined>;
}

/**
 * A network whose passes can be shared with whoever is idle.
 *
 * @param id of the network, as helpers know it
 * @param part what it has of theirs, where that is not all
 */
export const withHelpers = (id: string, network: Network, helpers: Helpers, part?: NetworkPart): Network => ({
  ...network,
  helpers: {
    get idle() {
      return helpers.idle;
    },
    run: (inputs) => helpers.run(id, inputs, part),
  },
  ...(network.only && { only: (wanted) => withHelpers(id, network.only!(wanted), helpers, wanted) }),
});

/** Items that a network is to be run on. */
export interface Batch<Item, Result> {
  readonly items: readonly Item[];
  /** Most of them in one forward pass. */
  readonly most: number;
  /** Inputs for some of the items, with memory of their own. */
  inputsOf(items: readonly Item[]): Tensors;
  /** A forward pass in this instance. */
  run(items: readonly Item[]): Promise<Tensors>;
  /** @param outputs for one item, as those of a batch of one */
  read(outputs: Tensors, item: Item): Result;
  /** Something else to do while a helper looks at a single item; without it, such a one is not given away. */
  meanwhile?: (() => Promise<void>) | undefined;
}

/**
 * Forward passes over any number of items, shared with whoever is idle. What is computed of an item depends
 * neither on the others beside it nor on who does it, so that the answer is the same, bit for bit.
 */
export async function sharedPasses<Item, Result>(
  { helpers }: Network,
  { items, most, inputsOf, run, read, meanwhile }: Batch<Item, Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < items.length) {
    const idle = helpers?.idle ?? 0;
    const round = items.slice(results.length, results.length + most * (1 + idle));
    const isGiven = round.length === 1 && idle > 0 && meanwhile !== undefined;
    // Helpers begin while the own part, the last one, is made ready.
    const given = isGiven ? [round] : inParts(round, 1 + idle);
    const own = isGiven ? [] : given.pop()!;
    const helped = given.map((part) => helpers!.run(inputsOf(part)));
    const outputs = isGiven ? await meanwhile() : await run(own);
    const take = (part: readonly Item[], of: Tensors) =>
      part.map((item, index) => read(itemsOf(of, index, index + 1, part.length), item));
    for (const [index, part] of given.entries())
      results.push(...take(part, (await helped[index]) ?? (await run(part))));
    if (outputs) results.push(...take(own, outputs));
  }
  return results;
}
