import { defineConfig } from 'rolldown';

/** The benchmarks as Node can run them. They lie in this folder so that they find its packages. */
export default defineConfig({
  input: {
    bench: 'bench/speed/main.ts',
    phiz: 'bench/speed/contestants/phiz.ts',
    'phiz-http': 'bench/speed/contestants/phiz-http.ts',
    human: 'bench/speed/contestants/human.ts',
    'face-api': 'bench/speed/contestants/face-api.ts',
    native: 'bench/speed/contestants/native.ts',
    profile: 'bench/speed/profile/main.ts',
    kernels: 'bench/kernels/main.ts',
    measure: 'bench/kernels/measure.ts',
    quantize: 'build/quantize.ts',
  },
  external: ['sharp', 'onnxruntime-node'],
  platform: 'node',
  transform: { define: { __dirname: 'import.meta.dirname' } },
  output: { dir: 'bench/dist', format: 'esm' },
});
