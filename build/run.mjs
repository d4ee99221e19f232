/**
 * `node build/run.mjs PROGRAM.ts [arguments]`: builds the product and a program of the benchmarks,
 * tests or scripts that uses it, and runs that. The oldest Node that we support cannot run the sources.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { rolldown } from 'rolldown';
import './build.mjs';

const [program, ...args] = process.argv.slice(2);
if (!program) throw new Error('expected the path of a program');
const name = program.replace(/\.ts$/, '').replaceAll('/', '-');

const bundle = await rolldown({
  input: { [name]: program },
  platform: 'node',
  // What brings native code, starts threads by its own file, or is compared with: the programs find it where it is installed.
  external: ['onnxruntime-web', 'sharp', 'jpeg-js', 'pngjs', '@jsquash/jpeg/decode.js'],
  transform: { define: { __dirname: 'import.meta.dirname' } },
  logLevel: 'warn',
});
// One folder below dist/, as the product's own entries are: they look for its files beside them.
await bundle.write({ dir: 'dist/run', format: 'esm', chunkFileNames: '[name]-[hash].js' });
await bundle.close();

// In a process of its own: several measure their memory, and the build takes hundreds of megabytes.
const child = spawn(process.execPath, [`dist/run/${name}.js`, ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
