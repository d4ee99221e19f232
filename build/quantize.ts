import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { alignedFaces } from '../bench/aligned-faces.ts';
import { makePictures } from '../bench/speed/pictures.ts';
import { createBenchPlatform } from '../bench/speed/platform.ts';
import { createProgress } from '../src/cli/progress.ts';
import { attributeNames } from '../src/face/face.ts';
import { createInstance, portsOf } from '../src/pipeline/create-instance.ts';
import { defaultSettings } from '../src/pipeline/settings.ts';
import { CalibrationBackend } from './networks/quantize/calibration.ts';
import { outputError, rangesFile } from './networks/quantize/choose.ts';

/**
 * `npm run quantize`, in the folder of the project: runs the pipeline in float32 on the benchmark's
 * pictures, and writes the ranges of every network's maps to `models/<id>/ranges.json`.
 */
const checkout = process.cwd();
const platform = createBenchPlatform(checkout);
const backend = new CalibrationBackend();
const folder = await mkdtemp(join(tmpdir(), 'phiz-quantize-'));
try {
  const pictures = await makePictures(folder, false);
  const progress = createProgress(process.stderr, pictures.length, 'pictures');
  const { decode, backends } = portsOf(platform, defaultSettings);
  const instance = createInstance(platform, defaultSettings, {
    decode,
    backends: { ...backends, onnx: async () => backend },
  });
  for (const { path } of pictures) {
    const [located] = await instance.locate(await readFile(path), [{ attributes: attributeNames }], () => {});
    await instance.describe(alignedFaces(located), attributeNames, () => {});
    progress.advance();
  }
  progress.clear();
} finally {
  await rm(folder, { recursive: true });
}

for (const [id, seen] of backend.networks) {
  const path = join(checkout, 'models', id, 'ranges.json');
  const ranges = rangesFile(seen);
  await writeFile(path, `${JSON.stringify(ranges, null, 2)}\n`);
  const errors = await outputError(seen, ranges);
  process.stdout.write(`${id}\n${errors.map((line) => `  ${line}\n`).join('')}`);
}
