/** Notices that the licences of packages do not give by themselves, see build/licences.ts. */

/** The MIT licence, behind the line of its holder. */
export const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Of packages that come without a file of their licence: one of their own that names the holder. */
export const withoutLicenceFile: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs-backend-cpu': 'dist/index.js',
  '@tensorflow/tfjs-backend-wasm': 'dist/index.js',
  '@tensorflow/tfjs-converter': 'dist/index.js',
  '@tensorflow/tfjs-core': 'dist/index.js',
  'onnxruntime-common': 'dist/esm/index.js',
  'onnxruntime-web': 'dist/ort.wasm.mjs',
  seedrandom: 'seedrandom.js',
  tr46: 'package.json',
};

/** Libraries that are compiled into the WebAssembly of packages, by the package's name. */
export const compiledIn: Readonly<Record<string, string>> = {
  '@jsquash/avif':
    'Compiled in: libavif (BSD-2-Clause, Copyright Joe Drago), libaom (BSD-2-Clause and the patent licence of the Alliance for Open Media), libyuv (BSD-3-Clause, Copyright The LibYuv Project Authors), musl and the run-time of Emscripten (MIT).',
  '@jsquash/webp':
    'Compiled in: libwebp (BSD-3-Clause, Copyright Google Inc., https://chromium.googlesource.com/webm/libwebp), musl and the run-time of Emscripten (MIT).',
  '@tensorflow/tfjs-backend-wasm':
    'Compiled in: XNNPACK (BSD-3-Clause, Copyright Facebook, Inc. and its affiliates, Google LLC, https://github.com/google/XNNPACK), pthreadpool, cpuinfo and FP16 (BSD-2-Clause and MIT, Copyright Facebook Inc.), musl and the run-time of Emscripten (MIT).',
  'onnxruntime-web':
    'Compiled in: ONNX (Apache-2.0), Protocol Buffers (BSD-3-Clause, Copyright Google Inc.), Abseil (Apache-2.0), FlatBuffers (Apache-2.0), Eigen (MPL-2.0, https://gitlab.com/libeigen/eigen), RE2 (BSD-3-Clause), Microsoft GSL, SafeInt, date and nlohmann/json (MIT), Boost.Mp11 (BSL-1.0), Dawn (BSD-3-Clause), musl and the run-time of Emscripten (MIT); https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt has their texts.',
};

/** The holders of networks under the MIT licence, by where these come from: as the LICENSE there says. */
export const networkHolders: Readonly<Record<string, string>> = {
  'https://github.com/justadudewhohacks/face-api.js': 'Copyright (c) 2018 Vincent Mühler',
  'https://github.com/Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB': 'Copyright (c) 2019 Hao Gao',
  'https://github.com/oarriaga/face_classification': 'Copyright (c) 2017 Octavio',
  'https://github.com/HSE-asavchenko/HSE_FaceRec_tf': 'Copyright (c) Andrey Savchenko',
};
