import type { Format } from './formats.ts';

/** Zero pixels around a plane that a window may look at. */
export interface Border {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Bytes that are filled at once: no gap is smaller. */
export const filledBytes = 8;

/** Bytes behind a map that a window's last word may reach into; they are filled too. */
const overrun = filledBytes;

export const noBorder: Border = { top: 0, left: 0, bottom: 0, right: 0 };

/**
 * The layout of one picture's feature map in memory: row by row, pixel by pixel, channels innermost.
 * A border of zeros replaces the checks at the edges. What stands before a row also ends the row
 * above it, so that one gap serves as both borders.
 */
export interface Plane {
  readonly format: Format;
  readonly width: number;
  readonly height: number;
  /** Stored channels: those of a picture, else a multiple of 8; what the network lacks are zeros. */
  readonly channels: number;
  readonly border: Border;
  /** Bytes from a pixel to the next. */
  readonly pixelBytes: number;
  /** Bytes from a row to the next. */
  readonly rowBytes: number;
  /** Bytes from the start to pixel (0, 0). */
  readonly origin: number;
  readonly byteLength: number;
}

export function plane(
  format: Format,
  [channels, height, width]: readonly [number, number, number],
  border: Border = noBorder,
): Plane {
  const pixelBytes = channels * format.bytes;
  const gap = roundUp(Math.max(border.left, border.right) * pixelBytes, filledBytes);
  const rowBytes = width * pixelBytes + gap;
  return {
    format,
    width,
    height,
    channels,
    border,
    pixelBytes,
    rowBytes,
    origin: border.top * rowBytes + gap,
    byteLength: (border.top + height + border.bottom) * rowBytes + gap + overrun,
  };
}

/** The same for all planes that one kernel serves. */
export const planeKey = ({ format, channels }: Plane): string => `${format.name}×${channels}`;

/** The least multiple that is not less. */
export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
