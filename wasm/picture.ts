import {
  advance,
  type Code,
  countDown,
  type FunctionBuilder,
  f32x4,
  itemAddress,
  type Named,
  type SizedKernel,
  v128,
  wasmFunction,
} from './assembler.ts';

import type { ValueLimits } from './formats.ts';
import { float32s } from './lanes.ts';
import { type Plane, planeKey } from './plane.ts';
import { chooseTile, sweep } from './sweep.ts';

export interface PictureShape extends ValueLimits {
  /** Planes of the picture; those that the output has beyond them are left as they are. */
  readonly channels: number;
  readonly output: Plane;
  /** Added to the values of each plane. */
  readonly offsets: readonly number[];
  /** The value that a stored 1 stands for. */
  readonly unit: number;
}

/**
 * Address of the planes, which follow one another without gaps, and of the output's pixel (0, 0); rows,
 * pixels of a row; bytes from a row to the next and from a plane to the next.
 */
const parameters = [
  'sourceRow',
  'outputRow',
  'rows',
  'columns',
  'sourceStep',
  'outputStep',
  'planeBytes',
] as const;

/**
 * Turns a picture of float32 planes into a map, channels innermost. Up to 16 bytes behind the planes are
 * read.
 */
export function picture({ channels, output, offsets, unit, low, high }: PictureShape): SizedKernel {
  const { format, width, height } = output;
  const perVector = 16 / format.bytes;
  const tile = chooseTile(width, perVector, (pixels) => pixels + 1);

  function body(
    f: FunctionBuilder,
    { sourceRow, outputRow, rows, columns, ...steps }: Named<typeof parameters>,
  ): Code {
    const source = f.i32();
    const target = f.i32();
    const packed = f.v128();
    const tileOf = (channel: number): Code => {
      const vectors = Array.from({ length: perVector / 4 }, (_, index) =>
        f32x4.mul(
          f32x4.add(v128.load(source.get, 16 * index), float32s(offsets[channel] as number)),
          float32s(1 / unit),
        ),
      );
      return [
        packed.set(format.pack(vectors, { low, high })),
        Array.from({ length: tile }, (_, pixel) =>
          format.storeLane(target.get, packed.get, pixel, pixel * output.pixelBytes + channel * format.bytes),
        ),
        advance(source, steps.planeBytes),
      ];
    };
    return countDown(rows, [
      sweep(f, columns, tile, (x) => [
        source.set(itemAddress(sourceRow, x, 4)),
        target.set(itemAddress(outputRow, x, output.pixelBytes)),
        Array.from({ length: channels }, (_, channel) => tileOf(channel)),
      ]),
      advance(sourceRow, steps.sourceStep),
      advance(outputRow, steps.outputStep),
    ]);
  }

  return {
    kernel: wasmFunction(
      `picture ${channels} / ${unit} + ${offsets} -> ${planeKey(output)} [${low}, ${high}] by ${tile}`,
      parameters,
      body,
    ),
    sizes: [height, width, width * 4, output.rowBytes, width * height * 4],
  };
}
