import type { Tensor } from './network.ts';

/** Tensors by name whose first dimensions are the items of one batch. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** The number of items of a batch. */
export const countOf = (batch: Tensors): number => Object.values(batch)[0]?.shape[0] ?? 1;

/**
 * The items of a batch from one to before another; the values stay where they are.
 *
 * @param count of its items, which outputs of networks that know no batch do not tell
 */
export function itemsOf(batch: Tensors, from: number, end: number, count = countOf(batch)): Tensors {
  if (end - from === count) return batch;
  return mapByName(batch, ({ data, shape: [, ...rest] }) => {
    const length = data.length / count;
    return { data: data.subarray(from * length, end * length), shape: [end - from, ...rest] };
  });
}

/** The items of several batches one after the other. */
export function joinedItems(batches: readonly Tensors[]): Record<string, Tensor> {
  const count = batches.reduce((sum, batch) => sum + countOf(batch), 0);
  return mapByName(batches[0]!, ({ shape: [, ...rest] }, name) => {
    const parts = batches.map((batch) => batch[name]!.data);
    const data = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const part of parts) {
      data.set(part, offset);
      offset += part.length;
    }
    return { data, shape: [count, ...rest] };
  });
}

/** What is made of each of some things that have names, by the same names in the same order. */
export function mapByName<From, To>(
  things: Readonly<Record<string, From>>,
  make: (thing: From, name: string) => To,
): Record<string, To> {
  const made: Record<string, To> = {};
  for (const name of Object.keys(things)) made[name] = make(things[name]!, name);
  return made;
}
