import type { Kernels } from './kernels.ts';
import type { JpegFile } from './parse.ts';

/** Turns a row of each component into RGB: addresses of the rows and of the result, number of pixels. */
export type ToRgb = (rows: readonly number[], target: number, count: number) => void;

/**
 * CMYK is taken to be stored inverted (255 for no ink), as Adobe's programs write it and browsers read it
 * with or without Adobe's marker; `ink` is the same the other way round, as TIFF has it. Ink becomes light by multiplication, without colour profiles.
 *
 * @param bytes the kernels' memory
 */
export function rgbWriter({ colour }: JpegFile, kernels: Kernels, bytes: Uint8Array): ToRgb {
  switch (colour) {
    case 'grey':
      return ([grey], target, count) => {
        for (let i = 0, to = target; i < count; i++, to += 3) {
          const value = bytes[grey! + i]!;
          bytes[to] = value;
          bytes[to + 1] = value;
          bytes[to + 2] = value;
        }
      };
    case 'rgb':
      return ([red, green, blue], target, count) => {
        for (let i = 0, to = target; i < count; i++, to += 3) {
          bytes[to] = bytes[red! + i]!;
          bytes[to + 1] = bytes[green! + i]!;
          bytes[to + 2] = bytes[blue! + i]!;
        }
      };
    case 'ycc':
      return ([y, cb, cr], target, count) => kernels.yccToRgb(y!, cb!, cr!, target, count);
    case 'cmyk':
      return ([cyan, magenta, yellow, black], target, count) => {
        for (let i = 0, to = target; i < count; i++, to += 3) {
          const light = bytes[black! + i]! / 255;
          bytes[to] = bytes[cyan! + i]! * light + 0.5;
          bytes[to + 1] = bytes[magenta! + i]! * light + 0.5;
          bytes[to + 2] = bytes[yellow! + i]! * light + 0.5;
        }
      };
    case 'ink':
      return ([cyan, magenta, yellow, black], target, count) => {
        for (let i = 0, to = target; i < count; i++, to += 3) {
          const light = (255 - bytes[black! + i]!) / 255;
          bytes[to] = (255 - bytes[cyan! + i]!) * light + 0.5;
          bytes[to + 1] = (255 - bytes[magenta! + i]!) * light + 0.5;
          bytes[to + 2] = (255 - bytes[yellow! + i]!) * light + 0.5;
        }
      };
    case 'ycck':
      return ([y, cb, cr, black], target, count) => {
        // What the three make is the opposite of what is stored for cyan, magenta and yellow.
        kernels.yccToRgb(y!, cb!, cr!, target, count);
        for (let i = 0, to = target; i < count; i++, to += 3) {
          const light = bytes[black! + i]! / 255;
          bytes[to] = (255 - bytes[to]!) * light + 0.5;
          bytes[to + 1] = (255 - bytes[to + 1]!) * light + 0.5;
          bytes[to + 2] = (255 - bytes[to + 2]!) * light + 0.5;
        }
      };
  }
}
