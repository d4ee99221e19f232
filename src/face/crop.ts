import type { Drawing } from '../image/drawing.ts';
import type { Box } from '../image/geometry.ts';
import type { Raster } from '../image/raster.ts';
import { type FixedImageInput, runBatched } from '../nn/batch.ts';
import type { Network } from '../nn/network.ts';
import { chipPlacement, chipSize, type EyePlacement } from './template.ts';

/** The input of a network that reads one face: a square crop of the chip. */
export interface FaceInput extends FixedImageInput {
  readonly crop: EyePlacement;
}

/** A network's outputs for one crop, by name. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/**
 * The output of this name, or else the only one of its length: files of others have names of their
 * own.
 *
 * @throws TypeError where there is none, or several to choose from.
 */
export function outputOf(outputs: Outputs, name: string, length: number): Float32Array {
  const named = outputs[name];
  if (named?.length === length) return named;
  const [only, other] = Object.values(outputs).filter((values) => values.length === length);
  if (only && !other) return only;
  const found = Object.entries(outputs).map(([each, values]) => `${each} of ${values.length}`);
  throw new TypeError(`expected one output ${name} of ${length} values, found ${found.join(', ')}`);
}

/** The outputs of a network for the crop of each chip. */
export function runOnChips<Result>(
  network: Network,
  input: FaceInput,
  chips: readonly Raster[],
  read: (outputs: Outputs) => Result,
): Promise<Result[]> {
  const views = chips.map((chip) => ({ chip, mirrored: false }));
  return runBatched(network, input, views, drawingIn(input), read);
}

/** The outputs of a network for the crop of each chip and for its mirror image. */
export async function runOnMirroredChips<Result>(
  network: Network,
  input: FaceInput,
  chips: readonly Raster[],
  read: (plain: Outputs, mirrored: Outputs) => Result,
): Promise<Result[]> {
  const views = chips.flatMap((chip) => [
    { chip, mirrored: false },
    { chip, mirrored: true },
  ]);
  const outputs = await runBatched(network, input, views, drawingIn(input), (each) => each);
  return chips.map((_, index) => read(outputs[2 * index]!, outputs[2 * index + 1]!));
}

/** A crop of a chip, or that crop's mirror image. */
interface ChipView {
  readonly chip: Raster;
  readonly mirrored: boolean;
}

/** The part of a chip that a network wants to see; what lies outside the chip repeats its border. */
const drawingIn =
  ({ crop }: FaceInput) =>
  ({ chip, mirrored }: ChipView): Drawing => ({ raster: chip, source: cropBox(crop), mirrored });

/** The square of a chip in which the eyes lie as wanted, in chip pixels; may reach outside it. */
function cropBox(placement: EyePlacement): Box {
  const side = (chipPlacement.eyeHalfDistance * chipSize) / placement.eyeHalfDistance;
  const left = (chipSize - side) / 2;
  const top = chipPlacement.eyeHeight * chipSize - placement.eyeHeight * side;
  return { left, top, right: left + side, bottom: top + side };
}
