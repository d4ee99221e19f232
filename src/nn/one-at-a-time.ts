import type { Network, Tensor } from './network.ts';

/** A network that was exported for a batch of one, as one that takes any number. */
export function oneAtATime(network: Network): Network {
  return {
    ...network,
    async run(inputs) {
      const [first] = Object.values(inputs);
      const count = first?.shape[0] ?? 1;
      const parts: Record<string, Tensor>[] = [];
      for (let index = 0; index < count; index++) {
        const item = Object.entries(inputs).map(([name, tensor]) => [name, itemOf(tensor, index)]);
        parts.push(await network.run(Object.fromEntries(item)));
      }
      const names = Object.keys(parts[0] ?? {});
      return Object.fromEntries(
        names.map((name) => [name, joined(parts.map((part) => part[name] as Tensor))]),
      );
    },
  };
}

function itemOf({ data, shape: [count = 1, ...rest] }: Tensor, index: number): Tensor {
  const length = data.length / count;
  return { data: data.subarray(index * length, (index + 1) * length), shape: [1, ...rest] };
}

function joined(parts: readonly Tensor[]): Tensor {
  const [, ...rest] = parts[0]!.shape;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { data, shape: [parts.length, ...rest] };
}
