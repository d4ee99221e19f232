import { crc32 } from './png/crc32.ts';
import { zlibByFrequency } from './png/entropy-code.ts';
import type { Raster } from './raster.ts';

/** A raster as a PNG file (8-bit RGB, not interlaced). Source: the PNG specification, third edition. */
export function encodePng({ width, height, data }: Raster): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8); // depth, RGB, deflate, adaptive filters, not interlaced
  return concatenate([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', zlibByFrequency(filtered(data, width * 3, height))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

const bytesPerPixel = 3;

/**
 * Every row by the filter `Paeth`: the difference to the neighbour (left, above, above left) that
 * is nearest to left + above - above left. What is outside the picture is 0.
 */
function filtered(data: Uint8Array, stride: number, height: number): Uint8Array {
  const paeth = 4;
  const rows = new Uint8Array((stride + 1) * height);
  /** The row above, and this one, behind a pixel of zeros. */
  let above = new Uint8Array(bytesPerPixel + stride);
  let row = new Uint8Array(bytesPerPixel + stride);
  let to = 0;
  for (let y = 0; y < height; y++) {
    row.set(data.subarray(y * stride, (y + 1) * stride), bytesPerPixel);
    rows[to++] = paeth;
    for (let x = 0; x < stride; x++) {
      const a = row[x]!;
      const b = above[x + bytesPerPixel]!;
      const c = above[x]!;
      const toLeft = Math.abs(b - c);
      const toAbove = Math.abs(a - c);
      const toCorner = Math.abs(a + b - 2 * c);
      const nearest = toLeft <= toAbove && toLeft <= toCorner ? a : toAbove <= toCorner ? b : c;
      rows[to++] = row[x + bytesPerPixel]! - nearest;
    }
    [above, row] = [row, above];
  }
  return rows;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
