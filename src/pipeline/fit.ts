import { roundUp } from '../../wasm/plane.ts';
import { detectorFamilies } from '../detect/families.ts';
import { messageOf, PhizError } from '../errors.ts';
import { ageGenderReaders } from '../face/age-gender.ts';
import { type Outputs, outputOf } from '../face/crop.ts';
import type { Network, Tensor } from '../nn/network.ts';
import { oneAtATime } from '../nn/one-at-a-time.ts';
import { type DetectorManifest, isOfPoints, type Manifest, type PointsManifest } from './manifest.ts';

/**
 * A network that was just loaded, found to be what its manifest says by running it once on an
 * empty image. Networks that ship with phiz are not tried: tests do that.
 *
 * @throws PhizError `MODEL_UNAVAILABLE` with one line that says what does not fit.
 */
export async function fitted(network: Network, manifest: Manifest): Promise<Network> {
  if (manifest.files.length === 0 || isOfPoints(manifest)) return network;
  try {
    return await tried(network, manifest);
  } catch (error) {
    await network.close();
    const reason = messageOf(error);
    throw new PhizError(
      'MODEL_UNAVAILABLE',
      `the manifest of ${manifest.id} does not fit its file: ${onOneLine(reason)}`,
      { cause: error },
    );
  }
}

/** Whole: ONNX Runtime says last which dimension is wrong. */
const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

async function tried(network: Network, manifest: Exclude<Manifest, PointsManifest>): Promise<Network> {
  const name = inputName(network, manifest);
  const size = sizeOf(manifest.input.size);
  const run = (count: number) => network.run({ [name]: emptyImages(count, size, manifest) });

  const outputs = await run(1).catch((error: unknown) => {
    const reason = messageOf(error);
    throw new TypeError(`it does not run at ${size.width}×${size.height} pixels: ${reason}`);
  });
  if (isDetector(manifest)) {
    detectorFamilies[manifest.decoder].decode(outputs, size, impossible);
  } else read(rowsOf(outputs), manifest);
  return (await takesTwo(() => run(2), outputs)) ? network : oneAtATime(network);
}

function inputName({ inputNames }: Network, { input: { name } }: Manifest): string {
  const [only, ...others] = inputNames;
  if (name === undefined && others.length > 0) {
    throw new TypeError(`it has the inputs ${inputNames.join(', ')}: name one as input.name`);
  }
  if (name !== undefined && !inputNames.includes(name)) {
    throw new TypeError(`it has no input ${name}, but ${inputNames.join(', ')}`);
  }
  return name ?? only!;
}

/** A size at which a network of any size is tried: the least that has cells at stride 32. */
function sizeOf(size: Manifest['input']['size']): { readonly width: number; readonly height: number } {
  if ('width' in size) return size;
  // Not square, so that a graph of one size is found out.
  const least = roundUp(64, size.multipleOf);
  return { width: least + size.multipleOf, height: least };
}

function emptyImages(
  count: number,
  { width, height }: { readonly width: number; readonly height: number },
  { input: { layout } }: Manifest,
): Tensor {
  return {
    data: new Float32Array(count * 3 * width * height),
    shape: layout === 'NCHW' ? [count, 3, height, width] : [count, height, width, 3],
  };
}

/** A confidence that no face has: what is decoded is of no interest. */
const impossible = 2;

function isDetector(manifest: Manifest): manifest is DetectorManifest {
  return manifest.decoder in detectorFamilies;
}

/** @throws TypeError where an output is missing. */
function read(outputs: Outputs, manifest: Exclude<Manifest, PointsManifest | DetectorManifest>): void {
  switch (manifest.decoder) {
    case 'embedding':
      outputOf(outputs, 'embedding', manifest.dimensions);
      return;
    case 'emotion':
      outputOf(outputs, 'logits', manifest.labels.length);
      return;
    default:
      ageGenderReaders[manifest.decoder](outputs);
  }
}

function rowsOf(outputs: Readonly<Record<string, Tensor>>): Outputs {
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
}

/** True where a batch of two is answered by twice as many values; many files are made for batches of one. */
async function takesTwo(
  runTwo: () => Promise<Readonly<Record<string, Tensor>>>,
  one: Readonly<Record<string, Tensor>>,
): Promise<boolean> {
  const two = await runTwo().catch(() => undefined);
  return (
    two !== undefined &&
    Object.entries(one).every(([name, { data }]) => two[name]?.data.length === 2 * data.length)
  );
}
