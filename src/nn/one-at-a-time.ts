import { countOf, itemsOf, joinedItems } from './items.ts';
import type { Network, Tensor } from './network.ts';

/** A network that was exported for a batch of one, as one that takes any number. */
export function oneAtATime({ only: _, ...network }: Network): Network {
  return {
    ...network,
    async run(inputs) {
      const parts: Record<string, Tensor>[] = [];
      for (let index = 0; index < countOf(inputs); index++)
        parts.push(await network.run(itemsOf(inputs, index, index + 1)));
      return joinedItems(parts);
    },
  };
}
