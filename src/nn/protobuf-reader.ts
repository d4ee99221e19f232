/**
 * The part of the protocol buffers wire format that reading an ONNX file takes
 * (https://protobuf.dev/programming-guides/encoding). A message is split into its fields; what a
 * field means is known to who asks for it. Absent numbers are 0, absent texts and bytes empty.
 */
export interface Message {
  integer(field: number): number;
  /** A repeated integer, packed or not. */
  integers(field: number): number[];
  float(field: number): number;
  text(field: number): string;
  texts(field: number): string[];
  bytes(field: number): Uint8Array;
  message(field: number): Message | undefined;
  messages(field: number): Message[];
}

/** @throws RangeError where the bytes are no message. */
export function readMessage(bytes: Uint8Array): Message {
  const fields = splitFields(bytes);
  const values = (field: number) => fields.get(field) ?? [];
  const parts = (field: number) => values(field).filter((value) => value instanceof Uint8Array);
  const numbers = (field: number) =>
    values(field).flatMap((value) => (typeof value === 'bigint' ? [value] : readPacked(value)));
  const texts = (field: number) => parts(field).map((part) => utf8.decode(unshared(part)));
  const messages = (field: number) => parts(field).map(readMessage);
  return {
    integer: (field) => signed(numbers(field).at(-1) ?? 0n),
    integers: (field) => numbers(field).map(signed),
    float: (field) => asFloat(numbers(field).at(-1) ?? 0n),
    text: (field) => texts(field).at(-1) ?? '',
    texts,
    bytes: (field) => parts(field).at(-1) ?? new Uint8Array(),
    message: (field) => messages(field).at(-1),
    messages,
  };
}

const utf8 = new TextDecoder();

/** Browsers decode no text in memory that threads share. */
const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

function splitFields(bytes: Uint8Array): Map<number, (bigint | Uint8Array)[]> {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  const reader = createReader(bytes);
  while (!reader.done()) {
    const tag = Number(reader.varint());
    const value = reader.value(tag & 7);
    const field = tag >>> 3;
    const values = fields.get(field);
    if (values) values.push(value);
    else fields.set(field, [value]);
  }
  return fields;
}

function readPacked(bytes: Uint8Array): bigint[] {
  const reader = createReader(bytes);
  const values: bigint[] = [];
  while (!reader.done()) values.push(reader.varint());
  return values;
}

function createReader(bytes: Uint8Array) {
  let position = 0;
  function take(count: number): Uint8Array {
    if (count > bytes.length - position) throw new RangeError('a protocol buffer ends inside a field');
    position += count;
    return bytes.subarray(position - count, position);
  }
  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a protocol buffer has a number of more than 64 bits');
  }
  /** Little-endian, as all fixed numbers are. */
  const fixed = (count: number) => take(count).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return {
    done: () => position === bytes.length,
    varint,
    value(wireType: number): bigint | Uint8Array {
      if (wireType === 0) return varint();
      if (wireType === 1) return fixed(8);
      if (wireType === 2) return take(Number(varint()));
      if (wireType === 5) return fixed(4);
      throw new RangeError(`a protocol buffer has a field of unknown form ${wireType}`);
    },
  };
}

const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));

function asFloat(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, Number(BigInt.asUintN(32, bits)));
  return view.getFloat32(0);
}
