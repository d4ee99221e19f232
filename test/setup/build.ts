import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { build } from 'rolldown';

/**
 * Threads run built programs, since the oldest Node that we support cannot run the sources; and
 * weights and WASM binaries are read from where the product has them. The contract is asked of the
 * product itself.
 */
export default async function setup(): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build']);
  await build({
    input: 'test/pool/fake-worker.ts',
    platform: 'node',
    output: { dir: 'dist/test', format: 'esm' },
  });
  await build({
    input: 'test/bulk/faults-main.ts',
    platform: 'node',
    external: ['onnxruntime-web', 'sharp'],
    transform: { define: { __dirname: 'import.meta.dirname' } },
    output: { dir: 'dist/test', format: 'esm', chunkFileNames: '[name]-[hash].js' },
  });
}
