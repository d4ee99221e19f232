import { tensorOf } from './images.ts';
import { countOf, itemsOf, joinedItems } from './items.ts';
import type { Network, Tensor } from './network.ts';

/** A network that was exported for a batch of one, as one that takes any number. */
export function oneAtATime({ only: _, ...network }: Network): Network {
  return {
    ...network,
    async run(inputs) {
      const tensors = Object.fromEntries(
        Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)]),
      );
      const parts: Record<string, Tensor>[] = [];
      for (let index = 0; index < countOf(tensors); index++)
        parts.push(await network.run(itemsOf(tensors, index, index + 1)));
      return joinedItems(parts);
    },
  };
}
