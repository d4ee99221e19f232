import { catalogue } from '../models/catalogue.ts';

/** WASM binaries that phiz ships, with the npm package and path that each comes from. */
export const binaries: Readonly<Record<string, string>> = {
  'wasm/onnxruntime.wasm': 'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm',
  'wasm/onnxruntime-webgpu.wasm': 'onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.wasm',
  'wasm/tfjs.wasm': '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  'wasm/avif.wasm': '@jsquash/avif/codec/dec/avif_dec.wasm',
  'wasm/webp.wasm': '@jsquash/webp/codec/dec/webp_dec.wasm',
};

/**
 * Every file that phiz ships besides its own code, by the name by which `Platform.readAsset` knows
 * it. `npm run build` stages them in dist/assets.
 */
export const assetNames: readonly string[] = [
  ...Object.keys(binaries),
  ...catalogue.shipped.flatMap(({ assets }) => assets),
];
