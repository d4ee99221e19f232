import { encode } from '@msgpack/msgpack';
import { breath } from '../pool/breathe.ts';
import { asBase64, asBytes, type BytesForm } from './answer.ts';
import type { WireResponse } from './answer-schema.ts';
import type { Call } from './request-schema.ts';

/**
 * Answers as bytes. One may have a thousand faces with a picture each, so it is written bit by bit, and
 * stays in the blocks in which it was written.
 */
export interface AnswerFormat {
  readonly contentType: string;
  readonly form: BytesForm;
  /** A value; lists and objects in it by their entries, as many levels as said, and what holds bytes. */
  write(value: unknown, levels: number): Iterable<Uint8Array | string>;
  /** The answer to a call, of its responses in blocks. */
  whole(responses: readonly Blocks[], warnings: readonly string[]): Blocks;
}

export type Blocks = readonly Uint8Array[];

/** Levels of a response down to its faces: `objects`, `face`, and the list of them. */
const levels = 3;

/** Bytes of a block, about. */
const blockSize = 65_536;

const utf8 = new TextEncoder();

/** A response in a format. */
export async function writeResponse(format: AnswerFormat, response: WireResponse): Promise<Blocks> {
  const blocks: Uint8Array[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') blocks.push(utf8.encode(text));
    text = '';
  };
  for (const piece of format.write(response, levels)) {
    if (typeof piece === 'string') text += piece;
    else {
      flush();
      blocks.push(piece);
    }
    if (text.length >= blockSize) flush();
    const pause = breath();
    // To await nothing takes longer than most pieces.
    if (pause) await pause;
  }
  flush();
  return blocks;
}

const json: AnswerFormat = {
  contentType: 'application/json',
  // The base64 of a large picture is made in an instance, and stays in its bytes.
  form: { ...asBase64, chips: 'base64-bytes' },
  *write(value, depth) {
    if (value instanceof Uint8Array) {
      yield '"';
      yield value;
      yield '"';
      return;
    }
    if (typeof value !== 'object' || value === null || (depth <= 0 && !holdsBytes(value))) {
      yield JSON.stringify(value);
      return;
    }
    const isList = Array.isArray(value);
    let before = isList ? '[' : '{';
    for (const [key, item] of entriesOf(value)) {
      yield isList ? before : `${before}${JSON.stringify(key)}:`;
      yield* json.write(item, depth - 1);
      before = ',';
    }
    yield `${before === ',' ? '' : before}${isList ? ']' : '}'}`;
  },
  whole: (responses, warnings) => [
    utf8.encode('{"responses":['),
    ...responses.flatMap((blocks, index) => (index === 0 ? blocks : [utf8.encode(','), ...blocks])),
    utf8.encode(warnings.length > 0 ? `],"warnings":${JSON.stringify(warnings)}}` : ']}'),
  ],
};

/** https://github.com/msgpack/msgpack/blob/master/spec.md */
const msgpack: AnswerFormat = {
  contentType: 'application/vnd.msgpack',
  form: asBytes,
  *write(value, depth) {
    if (depth === 0 || typeof value !== 'object' || value === null) {
      yield encode(value);
      return;
    }
    const isList = Array.isArray(value);
    const entries = entriesOf(value);
    yield isList ? msgpackHeader(0x90, 0xdc, entries.length) : msgpackHeader(0x80, 0xde, entries.length);
    for (const [key, item] of entries) {
      if (!isList) yield encode(key);
      yield* msgpack.write(item, depth - 1);
    }
  },
  whole: (responses, warnings) => [
    msgpackHeader(0x80, 0xde, warnings.length > 0 ? 2 : 1),
    encode('responses'),
    msgpackHeader(0x90, 0xdc, responses.length),
    ...responses.flat(),
    ...(warnings.length > 0 ? [encode('warnings'), encode(warnings)] : []),
  ],
};

export const answerFormats: Readonly<Record<Call['response_format'], AnswerFormat>> = { json, msgpack };

export const lengthOf = (blocks: Blocks) => blocks.reduce((sum, { length }) => sum + length, 0);

const entriesOf = (value: object) => Object.entries(value).filter(([, item]) => item !== undefined);

const holdsBytes = (value: object) => Object.values(value).some((item) => item instanceof Uint8Array);

/** The start of a list or map of so many entries: in one byte, or after `long` in two, or after the next in four. */
function msgpackHeader(short: number, long: number, count: number): Uint8Array {
  if (count < 16) return Uint8Array.of(short | count);
  if (count < 65_536) return Uint8Array.of(long, count >>> 8, count);
  return Uint8Array.of(long + 1, count >>> 24, count >>> 16, count >>> 8, count);
}
