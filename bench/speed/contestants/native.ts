import { cpus } from 'node:os';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import type { Picture } from '../../../src/image/picture.ts';
import { rasterPicture } from '../../../src/image/raster-picture.ts';
import { tensorOf } from '../../../src/nn/images.ts';
import type { InferenceBackend } from '../../../src/nn/network.ts';
import { createInstance } from '../../../src/pipeline/create-instance.ts';
import { defaultSettings } from '../../../src/pipeline/settings.ts';
import { alignedFaces } from '../../aligned-faces.ts';
import { floatModel } from '../../float-model.ts';
import { everything } from '../everything.ts';
import { createBenchPlatform } from '../platform.ts';
import { serveContestant } from '../serve-contestant.ts';

const runsOn = `onnxruntime-node ${env.versions.node ?? env.versions.common}`;

const backend: InferenceBackend = {
  async load(model) {
    const session = await InferenceSession.create(floatModel(model), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      runsOn,
      async run(inputs) {
        const feeds = Object.entries(inputs).map(([name, input]) => {
          const { data, shape } = tensorOf(input);
          return [name, new Tensor('float32', data, shape)];
        });
        const outputs = await session.run(Object.fromEntries(feeds));
        return Object.fromEntries(
          Object.entries(outputs).map(([name, { data, dims }]) => [
            name,
            { data: data as Float32Array, shape: dims },
          ]),
        );
      },
      close: () => session.release(),
    };
  },
};

/** Native code at the same work: phiz's own pipeline and graphs on sharp and onnxruntime-node. */
await serveContestant(async ({ checkout }) => {
  // As many processes run as there are cores: each keeps to one thread.
  sharp.concurrency(1);
  sharp.cache(false);
  const instance = createInstance(createBenchPlatform(checkout), defaultSettings, {
    backends: {
      onnx: async () => backend,
      tfjs: () => Promise.reject(new Error('there is no native backend for TensorFlow.js models here')),
    },
    decode,
  });
  await instance.ready();
  return {
    description:
      `phiz's pipeline on sharp ${sharp.versions.sharp} (libvips ${sharp.versions.vips}) and ` +
      `${runsOn}, ${cpus()[0]?.model.trim()}`,
    async answer(jpeg) {
      const [outcome] = await instance.locate(jpeg, [{ attributes: everything }], () => {});
      const { faces } = await instance.describe(alignedFaces(outcome), everything, () => {});
      return faces.map(({ box }) => box);
    },
    close: () => instance.close(),
  };
});

async function decode(bytes: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(bytes)
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return rasterPicture({ width: info.width, height: info.height, data });
}
