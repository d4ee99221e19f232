import { countOf, itemsOf, joinedItems, type Tensors } from './items.ts';
import type { Network } from './network.ts';

/** Other instances with the same networks, which compute for this one while they have no work of their own. */
export interface Helpers {
  /** Idle instances at this moment; the number may change before they are asked. */
  readonly idle: number;
  /**
   * Has one of them run a network.
   *
   * @param network its id
   * @param inputs stay the caller's
   * @returns the outputs; undefined where none is free after all, or the one that was is lost
   */
  run(network: string, inputs: Tensors): Promise<Tensors | undefined>;
}

/**
 * A network whose passes over several items are shared with whoever is idle. What one computes of an
 * item does not depend on the others beside it, so that the answer is the same, bit for bit.
 *
 * @param id of the network, as helpers know it
 */
export function sharedPass(id: string, network: Network, helpers: Helpers): Network {
  return {
    ...network,
    async run(inputs) {
      const [own, ...others] = split(inputs, 1 + helpers.idle);
      if (others.length === 0) return network.run(inputs);
      const helped = others.map((part) => helpers.run(id, part));
      const outputs: Tensors[] = [await network.run(own!)];
      for (const [index, help] of helped.entries())
        outputs.push((await help) ?? (await network.run(others[index]!)));
      return joinedItems(outputs);
    },
  };
}

/** A batch in so many parts, or as many as it has items, which differ by one item at most. */
function split(batch: Tensors, wanted: number): Tensors[] {
  const count = countOf(batch);
  const parts = Math.min(count, wanted);
  const bound = (part: number) => Math.round((part * count) / parts);
  return Array.from({ length: parts }, (_, part) => itemsOf(batch, bound(part), bound(part + 1)));
}
