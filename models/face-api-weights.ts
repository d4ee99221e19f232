import { type Weights, type WeightTensor, weightsOf } from './weights.ts';

/** One tensor of a weights manifest, as far as it is read here. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly quantization: { readonly scale: number; readonly min: number } | undefined;
}

/**
 * Decodes weights in the TensorFlow.js manifest format, as face-api ships them: tensors one after
 * the other, each as little-endian 4-byte numbers, or as bytes b that stand for
 * `b * scale + min`. Nothing of the files is trusted: every size is checked against the binary.
 *
 * @param manifest JSON: a list of groups with `weights`
 * @param binary the bytes of all groups, in their order
 * @throws Error with what is wrong with the files.
 */
export function decodeFaceApiWeights(manifest: Uint8Array, binary: Uint8Array): Weights {
  const tensors = new Map<string, WeightTensor>();
  const view = new DataView(binary.buffer, binary.byteOffset, binary.byteLength);
  let offset = 0;
  for (const entry of parseManifest(manifest)) {
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const end = offset + count * (entry.quantization ? 1 : 4);
    if (end > binary.byteLength) {
      throw new Error(`weights ${entry.name}: ends at byte ${end}, the file has ${binary.byteLength}`);
    }
    if (tensors.has(entry.name)) throw new Error(`weights ${entry.name}: occurs twice`);
    tensors.set(entry.name, { shape: entry.shape, data: readValues(entry, view, offset, count) });
    offset = end;
  }
  if (offset !== binary.byteLength) {
    throw new Error(`the weights manifest describes ${offset} bytes, the file has ${binary.byteLength}`);
  }
  return weightsOf(tensors);
}

function readValues(entry: Entry, view: DataView, offset: number, count: number): Float32Array {
  const values = new Float32Array(count);
  const { quantization, dtype } = entry;
  for (let index = 0; index < count; index++) {
    if (quantization) values[index] = view.getUint8(offset + index) * quantization.scale + quantization.min;
    else if (dtype === 'float32') values[index] = view.getFloat32(offset + 4 * index, true);
    else values[index] = view.getInt32(offset + 4 * index, true);
  }
  return values;
}

function parseManifest(bytes: Uint8Array): Entry[] {
  const groups: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (!Array.isArray(groups)) throw new Error('weights manifest: expected a list of groups');
  return groups.flatMap((group) => {
    if (!isRecord(group) || !Array.isArray(group.weights)) {
      throw new Error('weights manifest: expected a group with a list `weights`');
    }
    return group.weights.map(parseEntry);
  });
}

function parseEntry(entry: unknown): Entry {
  if (!isRecord(entry) || typeof entry.name !== 'string')
    throw new Error('weights manifest: a tensor has no name');
  const { name, shape, dtype, quantization } = entry;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new Error(`weights ${name}: expected a shape of whole numbers`);
  }
  if (dtype !== 'float32' && dtype !== 'int32')
    throw new Error(`weights ${name}: dtype ${dtype} is not known`);
  return {
    name,
    shape,
    dtype,
    quantization: quantization === undefined ? undefined : parseScale(name, quantization),
  };
}

function parseScale(name: string, quantization: unknown): { scale: number; min: number } {
  if (!isRecord(quantization) || quantization.dtype !== 'uint8') {
    throw new Error(`weights ${name}: only quantisation to uint8 is known`);
  }
  const { scale, min } = quantization;
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw new Error(`weights ${name}: expected numbers as scale and min`);
  }
  return { scale: scale as number, min: min as number };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
