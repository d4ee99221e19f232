import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import process from 'node:process';
import { shippedPack } from '../../models/catalogue.ts';
import { tensorOf } from '../../src/nn/images.ts';
import { createKernelNetwork, type KernelNetwork } from '../../src/nn/kernels/network.ts';
import { simdLevel } from '../../src/nn/kernels/simd.ts';
import type { Network } from '../../src/nn/network.ts';
import { createOnnxBackend } from '../../src/nn/onnx.ts';
import { readOnnx } from '../../src/nn/onnx-reader.ts';
import { instructions } from '../../wasm/formats.ts';
import { floatModel } from '../float-model.ts';
import { noise } from '../noise.ts';
import { measureLimits } from '../speed/profile/limits.ts';
import { measureBandwidth } from './bandwidth.ts';
import type { Case, KernelAnswer, MeasuredCase, MeasuredLayer, Roof, Way } from './protocol.ts';

/**
 * Runs in the engine that is measured. Arguments: the checkout, milliseconds for each case, cases as
 * JSON. Answers with an {@link KernelAnswer} on the standard output.
 */
const [, , checkout = '.', patience = '1000', cases = '[]'] = process.argv;

const level = simdLevel();
const readAsset = async (name: string) => new Uint8Array(await readFile(`${checkout}/dist/assets/${name}`));

type Runner = Pick<Network, 'run'>;

async function load(way: Way, model: Uint8Array): Promise<Runner> {
  if (way === 'web')
    return createOnnxBackend({ wasmBinary: await readAsset('wasm/onnxruntime.wasm') }).load(model);
  if (way === 'native') return loadNative(model);
  // As the product does: see `createKernelBackend`.
  const isa = instructions(way === 'i16' ? 'plain' : level);
  return createKernelNetwork(readOnnx(model), isa, way === 'i16' ? isa.i16 : undefined);
}

async function loadNative(model: Uint8Array): Promise<Runner> {
  const { InferenceSession, Tensor: NativeTensor } = createRequire(`${checkout}/bench/package.json`)(
    'onnxruntime-node',
  );
  const session = await InferenceSession.create(floatModel(model), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  return {
    run: (inputs) =>
      session.run(
        Object.fromEntries(
          Object.entries(inputs).map(([name, input]) => {
            const { data, shape } = tensorOf(input);
            return [name, new NativeTensor('float32', data, shape)];
          }),
        ),
      ),
  };
}

function ways(): Way[] {
  const native = 'Deno' in globalThis ? [] : (['native'] as const);
  return ['web', ...native, 'f32', 'i16'];
}

/** The ways take turns, so that what else the machine does hits all alike; the fastest pass of each counts. */
async function measure({ network, side, batch }: Case): Promise<MeasuredCase> {
  const model = await shippedPack(network).build(readAsset);
  const image = noise(side, batch);
  const runners = await Promise.all(ways().map(async (way) => [way, await load(way, model)] as const));
  const milliseconds: Partial<Record<Way, number>> = {};
  const end = performance.now() + Number(patience) * runners.length;
  for (let round = 0; round < 3 || performance.now() < end; round++) {
    for (const [way, runner] of runners) {
      // The first pass compiles; the second of each turn finds the caches as a busy service does.
      await runner.run({ image });
      const start = performance.now();
      await runner.run({ image });
      milliseconds[way] = Math.min(milliseconds[way] ?? Infinity, performance.now() - start);
    }
  }
  return { network, side, batch, milliseconds };
}

async function measureLayers({ network, side }: Case, roof: Roof): Promise<MeasuredLayer[]> {
  const runner = (await load('i16', await shippedPack(network).build(readAsset))) as KernelNetwork;
  const image = noise(side, 1);
  const steps = await runner.steps(image.shape.slice(1) as [number, number, number]);
  const least = steps.map(() => Infinity);
  await runner.run({ image });
  // Watched in whole passes: what a kernel does may depend on the values that it reads.
  for (const [index, step] of steps.entries()) {
    const { run } = step;
    step.run = () => {
      const start = performance.now();
      run();
      least[index] = Math.min(least[index]!, performance.now() - start);
    };
  }
  for (const end = performance.now() + Number(patience); performance.now() < end; )
    await runner.run({ image });
  return steps.map(({ output, name, macs, bytes }, index) => {
    const format = /^conv|^depthwise|^products/.test(name)
      ? (name.match(/ (f32|i16)×/)![1] as 'f32' | 'i16')
      : 'f32';
    const bound = 1000 * Math.max(macs / roof.macs[format], bytes / roof.bytes);
    return { network, side, output, kernel: name, macs, bytes, milliseconds: least[index]!, bound };
  });
}

const roof: Roof = { macs: await measureLimits(), bytes: await measureBandwidth() };
const wanted = JSON.parse(cases) as Case[];
const measured: MeasuredCase[] = [];
for (const each of wanted) measured.push(await measure(each));
const layers: MeasuredLayer[] = [];
for (const each of wanted) if (each.batch === 1) layers.push(...(await measureLayers(each, roof)));
const answer: KernelAnswer = { simd: level, roof, measured, layers };
console.log(JSON.stringify(answer));
