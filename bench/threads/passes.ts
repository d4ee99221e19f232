import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web';
import { shippedPack } from '../../models/catalogue.ts';
import { createSessionBackend } from '../../src/nn/onnx-session.ts';
import { noise } from '../noise.ts';

/** One network at work in one instance. */
export interface Job {
  readonly network: string;
  /** Of the square that it is given, in pixels. */
  readonly side: number;
  /** Threads of one forward pass. */
  readonly threads: number;
  readonly seconds: number;
}

/** Milliseconds of each forward pass, one after the other. */
export async function timePasses({ network, side, threads, seconds }: Job): Promise<number[]> {
  const readAsset = async (name: string) => new Uint8Array(await readFile(`dist/assets/${name}`));
  const wasmBinary = await readAsset('wasm/onnxruntime.wasm');
  // Not the product's build of it, whose threads are a browser's.
  const backend = createSessionBackend(ort, { wasmBinary, threads, provider: 'wasm' });
  const runner = await backend.load(await shippedPack(network).build(readAsset));
  const inputs = { image: noise(side, 1) };
  await runner.run(inputs);
  const times: number[] = [];
  for (const end = performance.now() + 1_000 * seconds; performance.now() < end; ) {
    const start = performance.now();
    await runner.run(inputs);
    times.push(performance.now() - start);
  }
  return times;
}
