import {
  advance,
  type Code,
  f32x4,
  itemAddress,
  v128,
  type WasmFunction,
  wasmFunction,
} from './assembler.ts';
import type { ValueLimits } from './formats.ts';
import { float32s } from './lanes.ts';
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
      const packed = f.v128();
      const values = (channel: number): Code[] =>
        Array.from({ length: perVector / 4 }, (_, index) =>
          f32x4.mul(
            f32x4.add(v128.load(source.get, 16 * index), float32s(offsets[channel] as number)),
            float32s(1 / unit),
          ),
        );
      const tileOf = (channel: number): Code => [
        channel < channels
          ? [packed.set(format.pack(values(channel), { low, high })), advance(source, channelBytes)]
          : packed.set(float32s(0)),
        Array.from({ length: tile }, (_, pixel) =>
          format.storeLane(target.get, packed.get, pixel, pixel * output.pixelBytes + channel * format.bytes),
        ),
      ];
      return sweep(f, columns, tile, (x) => [
        source.set(itemAddress(row, x, 4)),
        target.set(itemAddress(outputRow, x, output.pixelBytes)),
        Array.from({ length: output.channels }, (_, channel) => tileOf(channel)),
      ]);
    },
  );
}
