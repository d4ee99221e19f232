import { isRecord } from '../is-record.ts';
import { type Compact, compactTensor } from './compact.ts';

/** A constant: TensorFlow's layout (filters are height, width, in, out), row-major. */
export interface DecodedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Where it is stored so; see {@link compactTensor}. */
  readonly compact?: Compact;
}

/** The format in which the numbers of a tensor are stored. */
type Storage = 'float32' | 'int32' | 'float16' | 'uint8' | 'uint16';

/** One tensor of a weights manifest. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly storage: Storage;
  /** A stored `uint8` or `uint16` q stands for q * scale + min. */
  readonly scale: number;
  readonly min: number;
}

const bytesPerNumber: Readonly<Record<Storage, number>> = {
  float32: 4,
  int32: 4,
  float16: 2,
  uint8: 1,
  uint16: 2,
};

/**
 * Decodes weights of the TensorFlow.js manifest format: tensors one after the other, as
 * little-endian float32 or int32, or quantised to float16, uint8 or uint16. Nothing of the files
 * is trusted: every size is checked against the binary before anything is allocated.
 *
 * @param manifest a list of groups with `weights`, as parsed from JSON
 * @param binary the bytes of all groups, in their order
 * @throws Error with what is wrong with the files.
 */
export function decodeTfjsWeights(manifest: unknown, binary: Uint8Array): Map<string, DecodedTensor> {
  const tensors = new Map<string, DecodedTensor>();
  const view = new DataView(binary.buffer, binary.byteOffset, binary.byteLength);
  let offset = 0;
  for (const entry of parseManifest(manifest)) {
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const end = offset + count * bytesPerNumber[entry.storage];
    if (end > binary.byteLength) {
      throw new Error(`weights ${entry.name}: ends at byte ${end}, the file has ${binary.byteLength}`);
    }
    if (tensors.has(entry.name)) throw new Error(`weights ${entry.name}: occurs twice`);
    const compact = readCompact(entry, binary.subarray(offset, end));
    tensors.set(
      entry.name,
      compact
        ? compactTensor(entry.shape, compact)
        : { shape: entry.shape, data: readValues(entry, view, offset, count) },
    );
    offset = end;
  }
  if (offset !== binary.byteLength) {
    throw new Error(`the weights manifest describes ${offset} bytes, the file has ${binary.byteLength}`);
  }
  return tensors;
}

/** The values as they are stored, where they can stay so; else undefined. */
function readCompact({ storage, shape, scale, min }: Entry, bytes: Uint8Array): Compact | undefined {
  if (storage === 'float16') {
    // A copy starts at a multiple of two.
    return { halves: new Uint16Array(new Uint8Array(bytes).buffer) };
  }
  const zeroPoint = Math.round(-min / scale);
  // A tensor shifted by no whole number, or beyond a byte, is a vector as a rule: small.
  const isWhole = Math.abs(min + zeroPoint * scale) < 1e-9 * scale && zeroPoint >= 0 && zeroPoint <= 255;
  if (storage !== 'uint8' || shape.length < 2 || !isWhole) return undefined;
  return { codes: bytes, zeroPoint, scales: Float32Array.of(scale) };
}

function readValues(
  { storage, scale, min }: Entry,
  view: DataView,
  offset: number,
  count: number,
): Float32Array {
  const values = new Float32Array(count);
  const read = readers[storage as keyof typeof readers];
  const step = bytesPerNumber[storage];
  for (let index = 0; index < count; index++) {
    values[index] = read(view, offset + step * index) * scale + min;
  }
  return values;
}

const readers: Readonly<Record<Exclude<Storage, 'float16'>, (view: DataView, at: number) => number>> = {
  float32: (view, at) => view.getFloat32(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at) => view.getUint16(at, true),
};

function parseManifest(groups: unknown): Entry[] {
  if (!Array.isArray(groups)) throw new Error('weights manifest: expected a list of groups');
  return groups.flatMap((group) => {
    if (!isRecord(group) || !Array.isArray(group.weights)) {
      throw new Error('weights manifest: expected a group with a list `weights`');
    }
    return group.weights.map(parseEntry);
  });
}

function parseEntry(entry: unknown): Entry {
  if (!isRecord(entry) || typeof entry.name !== 'string') {
    throw new Error('weights manifest: a tensor has no name');
  }
  const { name, shape, dtype, quantization } = entry;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new Error(`weights ${name}: expected a shape of whole numbers`);
  }
  if (dtype !== 'float32' && dtype !== 'int32')
    throw new Error(`weights ${name}: dtype ${dtype} is not known`);
  if (quantization === undefined) return { name, shape, storage: dtype, scale: 1, min: 0 };
  return { name, shape, ...parseQuantization(name, quantization) };
}

function parseQuantization(name: string, quantization: unknown): Pick<Entry, 'storage' | 'scale' | 'min'> {
  const { dtype, scale, min } = isRecord(quantization) ? quantization : {};
  if (dtype === 'float16') return { storage: dtype, scale: 1, min: 0 };
  if (dtype !== 'uint8' && dtype !== 'uint16') {
    throw new Error(`weights ${name}: quantisation to ${dtype} is not known`);
  }
  if (!Number.isFinite(scale) || !Number.isFinite(min)) {
    throw new Error(`weights ${name}: expected numbers as scale and min`);
  }
  return { storage: dtype, scale: scale as number, min: min as number };
}
