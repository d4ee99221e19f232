import { decode } from 'jpeg-js';
import { type Codec, decodingFailed, type Header } from './codec.ts';
import { type Orientation, readOrientation } from './exif.ts';
import { rasterPicture } from './raster-picture.ts';

/** Real progressive files have about ten scans; each one costs a pass over the whole picture. */
const maxScans = 100;

// Markers of ITU-T T.81, table B.1 (second byte; the first is 0xFF).
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const exifSegment = 0xe1;
const firstFrame = 0xc0;
const lastFrame = 0xcf;
/** In the range of frame headers, but not frame headers: Huffman tables, reserved, arithmetic tables. */
const notFrames = [0xc4, 0xc8, 0xcc];

export const jpeg: Codec = {
  recognises: (bytes) => bytes[0] === 0xff && bytes[1] === startOfImage && bytes[2] === 0xff,

  readHeader(bytes) {
    let orientation: Orientation = 1;
    for (const { marker, payload } of segments(bytes)) {
      if (marker === exifSegment && String.fromCharCode(...payload.subarray(0, 4)) === 'Exif') {
        orientation = readOrientation(payload);
      }
      if (marker < firstFrame || marker > lastFrame || notFrames.includes(marker)) continue;
      if (payload.length < 6) break;
      const height = (payload[1]! << 8) | payload[2]!;
      const width = (payload[3]! << 8) | payload[4]!;
      if (width === 0 || height === 0) throw decodingFailed('a JPEG without pixels');
      return { width, height, orientation } satisfies Header;
    }
    throw decodingFailed('a JPEG without a frame header');
  },

  decode(bytes, header) {
    let scans = 0;
    for (const { marker } of segments(bytes)) {
      if (marker === startOfScan && ++scans > maxScans) {
        throw decodingFailed(`a JPEG of more than ${maxScans} scans`);
      }
    }
    if (scans === 0) throw decodingFailed('a JPEG without pixels');
    try {
      const { width, height, data } = decode(bytes, {
        useTArray: true,
        formatAsRGBA: false,
        // The limit is counted in floating point: one pixel more, so that rounding refuses nothing.
        maxResolutionInMP: (header.width * header.height + 1) / 1e6,
        maxMemoryUsageInMB: 2048,
      });
      return rasterPicture({ width, height, data: data as Uint8Array });
    } catch (error) {
      throw decodingFailed(error instanceof Error ? error.message : String(error), error);
    }
  },
};

/** The file's marker segments in order; the coded data after a scan's header is passed over. */
function* segments(bytes: Uint8Array): Generator<{ marker: number; payload: Uint8Array }> {
  let at = 2;
  while (at + 3 < bytes.length) {
    if (bytes[at] !== 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1]!;
    // 0xFF 0x00 is a coded 0xFF, 0xFF 0xFF padding; markers up to 0xD8 from 0xD0 (restarts) stand alone.
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= startOfImage);
    if (marker === 0xff || marker === 0 || standsAlone) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === endOfImage) return;
    const end = at + 2 + Math.max(2, (bytes[at + 2]! << 8) | bytes[at + 3]!);
    yield { marker, payload: bytes.subarray(at + 4, end) };
    at = end;
  }
}
