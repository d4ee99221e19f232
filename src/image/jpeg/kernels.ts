import { assemble } from '../../../wasm/assembler.ts';
import { doubleBoth, doubleHeight, doubleWidth, yccToRgb } from '../../../wasm/chroma.ts';
import { instantiate } from '../../../wasm/instantiate.ts';
import { inverseDct, type Samples } from '../../../wasm/inverse-dct.ts';
import { createScalarKernels } from './scalar-kernels.ts';

/** The inner loops over samples, on one stretch of memory. Addresses are bytes. */
export interface Kernels {
  /** Makes the memory at least this large; its contents may be lost. Buffers got before are void. */
  reserve(bytes: number): ArrayBuffer;
  /** The transform of blocks to `width` × `height` samples; see `wasm/inverse-dct.ts`. */
  inverseDct(width: Samples, height: Samples): InverseDct;
  /** See `wasm/chroma.ts` for these. */
  doubleWidth(source: number, target: number, count: number): void;
  doubleHeight(near: number, far: number, target: number, count: number, bias: number): void;
  doubleBoth(near: number, far: number, target: number, count: number): void;
  yccToRgb(y: number, cb: number, cr: number, target: number, count: number): void;
}

export type InverseDct = (
  coefficients: number,
  last: number,
  steps: number,
  samples: number,
  stride: number,
  count: number,
) => void;

const sizes: readonly Samples[] = [1, 2, 4, 8];

/** Kernels in WebAssembly, or in TypeScript where the engine knows no SIMD. Both give the same bytes. */
export function createKernels(): Kernels {
  const transforms = sizes.map((width) => sizes.map((height) => inverseDct(width, height)));
  const rows = [doubleWidth, doubleHeight, doubleBoth, yccToRgb];
  const binary = assemble([...transforms.flat(), ...rows]);
  if (!WebAssembly.validate(binary)) return createScalarKernels();

  const { reserve, find } = instantiate(binary);
  const found = transforms.map((ofWidth) => ofWidth.map((transform) => find<InverseDct>(transform)));
  return {
    reserve,
    inverseDct: (width, height) => found[sizes.indexOf(width)]![sizes.indexOf(height)]!,
    doubleWidth: find(doubleWidth),
    doubleHeight: find(doubleHeight),
    doubleBoth: find(doubleBoth),
    yccToRgb: find(yccToRgb),
  };
}
