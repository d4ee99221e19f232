import { decodingFailed, type Header } from '../codec.ts';
import type { Orientation } from '../orientation.ts';
import type { QuarterTurns } from '../rotate.ts';
import { boxesOf, find, type IsoBox, number } from './boxes.ts';

/** The coding of a file's pictures. */
export type HeifCoding = 'AVIF' | 'HEIC';

export interface HeifHeader extends Header {
  /** The picture's orientation by the container. (EXIF beside it says nothing: ISO/IEC 23000-22, section 7.3.) */
  readonly turned: Orientation;
  /** True where the picture is put together of others. */
  readonly tiled: boolean;
}

const codings: Readonly<Record<string, HeifCoding>> = {
  av01: 'AVIF',
  hvc1: 'HEIC',
  hev1: 'HEIC',
  lhv1: 'HEIC',
};

const brands: Readonly<Record<string, HeifCoding>> = {
  avif: 'AVIF',
  avis: 'AVIF',
  heic: 'HEIC',
  heix: 'HEIC',
  heim: 'HEIC',
  heis: 'HEIC',
  hevc: 'HEIC',
  hevx: 'HEIC',
};

/** Which of them a file is; undefined for what is no such file. */
export function codingOf(bytes: Uint8Array): HeifCoding | undefined {
  const { value: first } = boxesOf(bytes.subarray(0, 4_096)).next();
  if (first?.type !== 'ftyp') return undefined;
  const names = (at: number) => String.fromCharCode(...first.payload.subarray(at, at + 4));
  const own = brands[names(0)];
  if (own) return own;
  // Some name none but the container's own brand first.
  for (let at = 8; at + 4 <= first.payload.length; at += 4) {
    const coding = brands[names(at)];
    if (coding) return coding;
  }
  if (names(0) !== 'mif1' && names(0) !== 'msf1') return undefined;
  const items = [...itemsOf(metaOf(bytes))];
  return items.map(({ type }) => codings[type]).find((coding) => coding !== undefined);
}

/**
 * Size and turns of the primary item (ISO/IEC 23008-12, section 6.5). Where it is made of tiles, they are
 * the whole picture's.
 *
 * @throws PhizError IMAGE_DECODING_FAILED
 */
export function readHeifHeader(coding: HeifCoding, bytes: Uint8Array): HeifHeader {
  const meta = metaOf(bytes);
  const primary = primaryItem(find(meta, 'pitm'));
  const properties = find(meta, 'iprp');
  const all = [...boxesOf(find(properties, 'ipco'))];
  const own = associations(find(properties, 'ipma'), primary).flatMap((index) => all[index - 1] ?? []);
  const size = own.find(({ type }) => type === 'ispe')?.payload;
  if (!size || size.length < 12) throw decodingFailed(`an ${coding} whose size is not said`);
  const [width, height] = [number(size, 4, 4), number(size, 8, 4)];
  if (width === 0 || height === 0) throw decodingFailed(`an ${coding} without pixels`);
  const tiled = [...itemsOf(meta)].some(({ id, type }) => id === primary && type === 'grid');
  return { width, height, orientation: 1, turned: turnsOf(own), tiled };
}

const metaOf = (bytes: Uint8Array): Uint8Array => find(bytes, 'meta').subarray(4);

const primaryItem = (pitm: Uint8Array): number => number(pitm, 4, pitm[0] === 0 ? 2 : 4);

/** The items of a file and how they are coded. */
function* itemsOf(meta: Uint8Array): Generator<{ readonly id: number; readonly type: string }> {
  const iinf = find(meta, 'iinf');
  for (const { type, payload } of boxesOf(iinf.subarray(iinf[0] === 0 ? 6 : 8))) {
    if (type !== 'infe') continue;
    const [idBytes, at] = payload[0] === 2 ? [2, 8] : [4, 10];
    yield { id: number(payload, 4, idBytes), type: String.fromCharCode(...payload.subarray(at, at + 4)) };
  }
}

/** Numbers of an item's properties, from 1, in their order. */
function associations(ipma: Uint8Array, item: number): number[] {
  const [version, wide] = [ipma[0] ?? 0, ((ipma[3] ?? 0) & 1) === 1];
  const idBytes = version < 1 ? 2 : 4;
  const entryBytes = wide ? 2 : 1;
  let at = 8;
  for (let left = number(ipma, 4, 4); left > 0 && at < ipma.length; left--) {
    const id = number(ipma, at, idBytes);
    const count = ipma[at + idBytes] ?? 0;
    at += idBytes + 1;
    if (id === item) {
      // The highest bit says whether the property is essential.
      return Array.from(
        { length: count },
        (_, index) => number(ipma, at + index * entryBytes, entryBytes) & (wide ? 0x7fff : 0x7f),
      );
    }
    at += count * entryBytes;
  }
  return [];
}

/** By whether it is mirrored left to right and then by quarter turns clockwise, as orient.ts takes an orientation apart. */
const orientations = {
  plain: [1, 6, 3, 8],
  mirrored: [2, 7, 4, 5],
} as const;

/** Turns and mirrorings in their order as one. */
function turnsOf(properties: readonly IsoBox[]): Orientation {
  let turns = 0;
  let mirrored = false;
  for (const { type, payload } of properties) {
    // Anticlockwise.
    if (type === 'irot') turns = (turns + 4 - ((payload[0] ?? 0) & 3)) % 4;
    if (type === 'imir') {
      // After a mirror, turns run the other way; top to bottom is left to right and half a turn.
      const topToBottom = ((payload[0] ?? 0) & 1) === 0;
      turns = (8 - turns + (topToBottom ? 2 : 0)) % 4;
      mirrored = !mirrored;
    }
  }
  return orientations[mirrored ? 'mirrored' : 'plain'][turns as QuarterTurns];
}
