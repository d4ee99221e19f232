import { align } from './arena.ts';
import type { WeightAddresses } from './layer-calls.ts';
import type { Layer, Layers, LayerWeights } from './layers.ts';
import type { KernelMemory } from './memory.ts';
import { packedBytes, packWeights } from './pack.ts';
import { type MapShape, mapShapes } from './shapes.ts';
import type { Storage } from './storage.ts';
import { suitsSquares, transformedBytes, transformPacked } from './winograd.ts';

/** Packs the constants of all convolutions into memory, transformed where they are computed in squares. */
export function packAll(
  network: Layers,
  constants: LayerWeights,
  storage: ReadonlyMap<string, Storage>,
  memory: KernelMemory,
): Map<Layer, WeightAddresses> {
  const stored = (name: string) => storage.get(name)!;
  const { shape } = network.input;
  const isFixed = shape.every((size) => typeof size === 'number');
  const shapes = isFixed ? mapShapes(network, shape as unknown as MapShape) : undefined;
  const convolutions = [...constants].map(([layer, weights]) => {
    const maps = { input: stored(layer.input), output: stored(layer.output) };
    const inSquares = suitsSquares(layer, maps, shapes?.get(layer.output));
    const bytes = packedBytes(layer, maps);
    return {
      layer,
      weights,
      maps,
      inSquares,
      bytes,
      kept: inSquares ? transformedBytes(maps) : bytes.weights,
    };
  });
  let address = memory.take(
    convolutions.reduce((sum, { bytes, kept }) => sum + align(kept) + align(bytes.table), 0),
  );
  const addresses = new Map<Layer, WeightAddresses>();
  for (const { layer, weights, maps, inSquares, bytes, kept } of convolutions) {
    const table = address + align(kept);
    const packTo = (to: number): WeightAddresses => {
      const ending = packWeights(layer, weights, maps, memory, { weights: to, table });
      return { weights: to, table, ...ending, bytes: bytes.weights };
    };
    if (inSquares) {
      const scratch = memory.scratch(bytes.weights);
      new Uint8Array(memory.buffer, scratch, bytes.weights).fill(0);
      const packed = packTo(scratch);
      const winograd = transformPacked(layer, maps, memory, packed, address);
      addresses.set(
        layer,
        winograd ? { ...packed, weights: address, winograd } : packTo(memory.take(bytes.weights)),
      );
    } else addresses.set(layer, packTo(address));
    address = table + align(bytes.table);
  }
  return addresses;
}
