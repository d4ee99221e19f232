import { decodingFailed } from '../codec.ts';
import { type EntropyData, readEntropyData } from './entropy-data.ts';
import { type Component, type Frame, readFrame, readFrameSize } from './frame.ts';
import { createHuffmanTable, type HuffmanCode, type HuffmanTable } from './huffman.ts';
import { isFrame, marker, type Segment, segments } from './markers.ts';
import { standardTables } from './standard-tables.ts';
import { storedAt } from './zigzag.ts';

/** Real progressive files have about ten scans; each costs a pass over the whole picture. */
const maxScans = 100;

/**
 * Blocks that all scans together may go over, where there is more than one scan: a second or two of
 * work for the worst of them. A progressive picture of 36 megapixels, not subsampled, has six million.
 */
const maxWork = 25_000_000;

/** The meaning of a picture's components. */
export type ColourModel = 'grey' | 'rgb' | 'ycc' | 'cmyk' | 'ycck' | 'ink';

/** A whole file, understood up to its coded bits. */
export interface JpegFile {
  readonly frame: Frame;
  readonly colour: ColourModel;
  readonly scans: readonly Scan[];
  /** For each component its quantisation steps, as blocks store their coefficients. */
  readonly quantization: readonly Int16Array[];
  /** True where the file ends as it means to: no scan is missing. */
  readonly finished: boolean;
}

/** One pass over some of the components, with the tables that hold for it. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  /** First and last coefficient in zigzag order. */
  readonly from: number;
  readonly to: number;
  /** True for a scan that adds a bit to coefficients of earlier scans. */
  readonly refines: boolean;
  /** Bits that later scans will add. */
  readonly low: number;
  /** MCUs of a restart interval; 0 for a scan in one piece. */
  readonly interval: number;
  readonly data: EntropyData;
}

export interface ScanComponent {
  readonly component: Component;
  /** Place of the component in the frame. */
  readonly index: number;
  /** Undefined where the scan has no such coefficients. */
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/**
 * Reads a file's headers and prepares the coded data of its scans. Memory: the file's length, a number
 * for each restart interval (eight bytes for at least two of the file), and 5 kB a scan and table.
 *
 * @param known the colour model of a picture of several components, where the file around it says it
 * @throws PhizError IMAGE_DECODING_FAILED for files that are not decoded, with the reason
 */
export function parseJpeg(bytes: Uint8Array, known?: ColourModel): JpegFile {
  const huffman = new Map(standardTables);
  const quantization = new Map<number, Int16Array>();
  const scans: Scan[] = [];
  const stepsOf: Int16Array[] = [];
  let frame: Frame | undefined;
  let interval = 0;
  let hasJfif = false;
  let adobe: number | undefined;
  let finished = false;

  const take = ({ marker: code, payload, end }: Segment): void => {
    if (isFrame(code)) {
      if (frame) throw decodingFailed('a JPEG with two frames');
      frame = readFrame(code, payload, linesAfter(bytes, payload));
    }
    switch (code) {
      case marker.jfif:
        hasJfif ||= beginsWith(payload, 'JFIF');
        break;
      case marker.adobe:
        if (beginsWith(payload, 'Adobe') && payload.length >= 12) adobe = payload[11];
        break;
      case marker.quantizationTables:
        readQuantization(payload, quantization);
        break;
      case marker.huffmanTables:
        readHuffman(payload, huffman);
        break;
      case marker.restartInterval:
        if (payload.length >= 2) interval = (payload[0]! << 8) | payload[1]!;
        break;
      case marker.startOfScan: {
        if (!frame) throw decodingFailed('a JPEG whose scan comes before its frame header');
        const scan = readScan(payload, bytes, end, frame, interval, huffman);
        for (const { component, index } of scan.components) {
          const steps = stepsOf[index] ?? quantization.get(component.quantization);
          if (!steps) throw decodingFailed('a JPEG without its quantisation table');
          stepsOf[index] = steps;
        }
        scans.push(scan);
      }
    }
  };
  const walk = segments(bytes);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done) {
      finished = step.value;
      break;
    }
    try {
      take(step.value);
    } catch (error) {
      // Damage after the first scan no longer takes the picture away.
      if (scans.length === 0) throw error;
      break;
    }
    if (!frame) continue;
    limitWork(frame, scans);
    // A component has one scan in a sequential picture: what follows the last one is not the picture's.
    if (!frame.progressive && hasAllComponents(frame, scans)) {
      finished = true;
      break;
    }
  }
  if (!frame) throw decodingFailed('a JPEG without a frame header: there is no picture in it');
  // A component that no scan mentions stays grey.
  const steps = frame.components.map((_, index) => stepsOf[index] ?? new Int16Array(64));
  if (scans.length === 0) throw decodingFailed('a JPEG without pixels');
  const colour = (frame.components.length > 1 && known) || colourModel(frame, hasJfif, adobe);
  return { frame, colour, scans, quantization: steps, finished };
}

/** The segment that says the height of a frame that does not (ITU-T T.81, B.2.5). */
function linesAfter(bytes: Uint8Array, frame: Uint8Array): Uint8Array | undefined {
  if (readFrameSize(frame).height > 0) return undefined;
  for (const { marker: code, payload } of segments(bytes)) if (code === marker.numberOfLines) return payload;
  throw decodingFailed('a JPEG whose height is not said');
}

function hasAllComponents({ components }: Frame, scans: readonly Scan[]): boolean {
  const seen = new Set(scans.flatMap((scan) => scan.components.map(({ index }) => index)));
  return seen.size === components.length;
}

/** @throws PhizError where the scans so far are too many, for their number or for the size of the picture */
function limitWork(frame: Frame, scans: readonly Scan[]): void {
  const blocks = scans.reduce(
    (sum, { components }) =>
      components.reduce((part, { component }) => part + component.blockColumns * component.blockRows, sum),
    0,
  );
  if (scans.length > maxScans || (scans.length > frame.components.length && blocks > maxWork)) {
    throw decodingFailed(`a JPEG of too many scans (${scans.length} or more)`);
  }
}

/** JFIF, Adobe's marker, and where both are absent the components' names decide, as in libjpeg. */
function colourModel({ components }: Frame, hasJfif: boolean, adobe: number | undefined): ColourModel {
  if (components.length === 1) return 'grey';
  if (components.length === 4) return adobe === 2 ? 'ycck' : 'cmyk';
  const named = String.fromCharCode(...components.map(({ id }) => id));
  if (!hasJfif && (adobe === 0 || (adobe === undefined && named === 'RGB'))) return 'rgb';
  return 'ycc';
}

/** ITU-T T.81, B.2.4.1. */
function readQuantization(payload: Uint8Array, into: Map<number, Int16Array>): void {
  for (let at = 0; at < payload.length; ) {
    const [bytes, place] = [payload[at]! >> 4 ? 2 : 1, payload[at]! & 15];
    at++;
    if (at + 64 * bytes > payload.length) throw decodingFailed('a JPEG with a quantisation table cut off');
    const steps = new Int16Array(64);
    for (let k = 0; k < 64; k++, at += bytes) {
      steps[storedAt[k]!] = bytes === 1 ? payload[at]! : (payload[at]! << 8) | payload[at + 1]!;
    }
    into.set(place, steps);
  }
}

/** ITU-T T.81, B.2.4.2. Tables are made when a scan wants them: a file may bring any number. */
function readHuffman(payload: Uint8Array, into: Map<number, HuffmanCode>): void {
  for (let at = 0; at + 17 <= payload.length; ) {
    const counts = payload.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = payload.subarray(at + 17, at + 17 + total);
    if (total > 256 || symbols.length < total) throw decodingFailed('a JPEG with a Huffman table cut off');
    into.set(payload[at]!, { counts, symbols });
    at += 17 + total;
  }
}

/** ITU-T T.81, B.2.3. */
function readScan(
  payload: Uint8Array,
  bytes: Uint8Array,
  start: number,
  frame: Frame,
  interval: number,
  huffman: ReadonlyMap<number, HuffmanCode>,
): Scan {
  const count = payload[0] ?? 0;
  if (count < 1 || count > 4 || payload.length < 4 + 2 * count) {
    throw decodingFailed('a JPEG with a damaged scan header');
  }
  const [from, to, bits] = frame.progressive
    ? (payload.subarray(1 + 2 * count) as unknown as [number, number, number])
    : [0, 63, 0];
  const [high, low] = [bits >> 4, bits & 15];
  const isDc = from === 0;
  if (to > 63 || from > to || low > 13 || (frame.progressive && (isDc ? to > 0 : count > 1))) {
    throw decodingFailed('a JPEG with a damaged scan header');
  }

  const tableOf = (number: number) => {
    const code = huffman.get(number);
    if (!code) throw decodingFailed('a JPEG without its Huffman table');
    return createHuffmanTable(code);
  };
  const components = Array.from({ length: count }, (_, place): ScanComponent => {
    const [id, tables] = [payload[1 + 2 * place]!, payload[2 + 2 * place]!];
    const index = frame.components.findIndex((component) => component.id === id);
    if (index < 0) throw decodingFailed('a JPEG whose scan names an unknown component');
    return {
      component: frame.components[index]!,
      index,
      dc: isDc && high === 0 ? tableOf(tables >> 4) : undefined,
      ac: to > 0 ? tableOf(0x10 | (tables & 15)) : undefined,
    };
  });
  if (new Set(components.map(({ index }) => index)).size < count) {
    throw decodingFailed('a JPEG whose scan names a component twice');
  }
  const intervals = interval === 0 ? 1 : Math.ceil(unitsOf(frame, components) / interval);
  const data = readEntropyData(bytes, start, intervals);
  return { components, from, to, refines: high > 0, low, interval, data };
}

/** Steps of a scan: MCUs, or the blocks of its only component. */
function unitsOf({ mcuColumns, mcuRows }: Frame, components: readonly ScanComponent[]): number {
  const [{ component }] = components as [ScanComponent];
  return components.length > 1 ? mcuColumns * mcuRows : component.blockColumns * component.blockRows;
}

const beginsWith = (payload: Uint8Array, text: string): boolean =>
  String.fromCharCode(...payload.subarray(0, text.length)) === text;
