/**
 * The part of the protocol buffers wire format that writing an ONNX file takes
 * (https://protobuf.dev/programming-guides/encoding). A field is its pieces in order, so that
 * large arrays are copied once, into the finished message.
 */
export interface Field {
  readonly pieces: readonly Uint8Array[];
  /** Bytes in all pieces. */
  readonly length: number;
}

const wireType = { varint: 0, lengthDelimited: 2, fixed32: 5 } as const;

const utf8 = new TextEncoder();

/** An int32, int64 or enum of at most 2^53 in size. */
export function integerField(number: number, value: number): Field {
  return field([tag(number, wireType.varint), varint(BigInt.asUintN(64, BigInt(value)))]);
}

export function floatField(number: number, value: number): Field {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return field([tag(number, wireType.fixed32), bytes]);
}

export function textField(number: number, value: string): Field {
  return bytesField(number, utf8.encode(value));
}

/** Bytes as they are. */
export function bytesField(number: number, bytes: Uint8Array): Field {
  return field([tag(number, wireType.lengthDelimited), varint(BigInt(bytes.length)), bytes]);
}

/** A message inside a message. */
export function messageField(number: number, fields: readonly Field[]): Field {
  const length = fields.reduce((sum, part) => sum + part.length, 0);
  return field([
    tag(number, wireType.lengthDelimited),
    varint(BigInt(length)),
    ...fields.flatMap((part) => part.pieces),
  ]);
}

/** The outermost message: its fields, one after the other. */
export function encodeMessage(fields: readonly Field[]): Uint8Array {
  const result = new Uint8Array(fields.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of fields) {
    for (const piece of part.pieces) {
      result.set(piece, offset);
      offset += piece.length;
    }
  }
  return result;
}

function field(pieces: readonly Uint8Array[]): Field {
  return { pieces, length: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

function tag(number: number, type: number): Uint8Array {
  return varint(BigInt((number << 3) | type));
}

/** Seven bits a byte, least significant first; the top bit says that more follow. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
