/**
 * Every file that phiz ships besides its own code, under the name by which
 * `Platform.readAsset` knows it, with the npm package and path it comes from.
 * `npm run build` stages them in dist/assets.
 */
export const assets: Readonly<Record<string, string>> = {
  'wasm/onnxruntime.wasm': 'onnxruntime-web/dist/ort-wasm-simd-threaded.wasm',
  'wasm/onnxruntime-webgpu.wasm': 'onnxruntime-web/dist/ort-wasm-simd-threaded.jspi.wasm',
  'wasm/tfjs.wasm': '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  'wasm/webp.wasm': '@jsquash/webp/codec/dec/webp_dec.wasm',
  ...weights('@vladmandic/face-api/model', [
    'ssd_mobilenetv1_model',
    'face_landmark_68_model',
    'face_recognition_model',
    'age_gender_model',
    'face_expression_model',
  ]),
  ...graphModels('@vladmandic/human/models', ['blazeface', 'emotion', 'faceres']),
};

/** A face-api weights manifest and its binary. */
function weights(folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => [
      [`weights/${name}.json`, `${folder}/${name}-weights_manifest.json`],
      [`weights/${name}.bin`, `${folder}/${name}.bin`],
    ]),
  );
}

/** A TensorFlow.js graph model and its binary. */
function graphModels(folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => [
      [`weights/${name}.json`, `${folder}/${name}.json`],
      [`weights/${name}.bin`, `${folder}/${name}.bin`],
    ]),
  );
}
