import {
  advance,
  type Code,
  f32x4,
  i8x16,
  itemAddress,
  type Local,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import type { ValueLimits } from './formats.ts';
import { float32s, interleave } from './lanes.ts';
import { type Plane, planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

export interface PictureShape extends ValueLimits {
  /** Channels of the picture; those that the output has beyond them become 0. */
  readonly channels: number;
  readonly output: Plane;
  /** Added to the values of each channel. */
  readonly offsets: readonly number[];
  /** The value that a stored 1 stands for. */
  readonly unit: number;
}

/**
 * Turns a row of a picture, float32 values of one channel after the other, into a row of a map, channels
 * innermost. Up to 16 bytes behind the values are read.
 *
 * Parameters: addresses of the values and of the map's row; pixels of a row; bytes from a channel to the next.
 */
export function pictureRow({ channels, output, offsets, unit, low, high }: PictureShape): WasmFunction {
  const { format, width } = output;
  const perVector = 16 / format.bytes;
  const tile = chooseTile(width, perVector, (pixels) => pixels + 1);
  return wasmFunction(
    `pictureRow ${channels} / ${unit} + ${offsets} -> ${planeKey(output)} [${low}, ${high}] by ${tile}`,
    ['row', 'outputRow', 'columns', 'channelBytes'],
    (f, { row, outputRow, columns, channelBytes }) => {
      const source = f.i32();
      const target = f.i32();
      const packed = f.v128s(output.channels);
      const values = (channel: number): Code[] =>
        Array.from({ length: perVector / 4 }, (_, index) => {
          const loaded = v128.load(source.get, 16 * index);
          const offset = offsets[channel] as number;
          return f32x4.mul(offset === 0 ? loaded : f32x4.add(loaded, float32s(offset)), float32s(1 / unit));
        });
      const pack = packed.map((vector, channel) =>
        channel < channels
          ? [vector.set(format.pack(values(channel), { low, high })), advance(source, channelBytes)]
          : vector.set(float32s(0)),
      );
      const store =
        tile === 8 && format.name === 'i16' && output.channels === 3
          ? storeTriples(target, packed)
          : packed.map((vector, channel) =>
              Array.from({ length: tile }, (_, pixel) => {
                const offset = pixel * output.pixelBytes + channel * format.bytes;
                return format.storeLane(target.get, vector.get, pixel, offset);
              }),
            );
      return sweep(f, columns, tile, (x) => [
        source.set(itemAddress(row, x, 4)),
        target.set(itemAddress(outputRow, x, output.pixelBytes)),
        pack,
        store,
      ]);
    },
  );
}

/** Stores eight 16-bit values of each of three channels, channels innermost. */
function storeTriples(target: Local, channels: readonly Local[]): Code {
  const [first, second, third] = channels as [Local, Local, Local];
  const lower = interleave(first.get, second.get, 0);
  const upper = interleave(first.get, second.get, 8);
  const middle = i8x16.shuffle(
    lower,
    upper,
    [...Array(16).keys()].map((byte) => 8 + byte),
  );
  // The first two channels of four pixels, from every other one on, have place for the third.
  return [lower, middle, upper].map((pairs, part) => {
    const bytes = Array.from({ length: 16 }, (_, byte) => {
      const value = 8 * part + (byte >> 1);
      const [pixel, channel] = [Math.floor(value / 3), value % 3];
      const word = channel === 2 ? 8 + pixel : 2 * (pixel - 2 * part) + channel;
      return 2 * word + (byte & 1);
    });
    return v128.store(target.get, i8x16.shuffle(pairs, third.get, bytes), 16 * part);
  });
}
