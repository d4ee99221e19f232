import type { Engine } from '../../engine.ts';
import { messageOf } from '../../errors.ts';
import { type Calibrated, calibrate, type KnownFace, type Measured } from '../../face/calibrate.ts';
import { type FalseAcceptRate, falseAcceptRates, type Thresholds } from '../../face/verdict.ts';
import { area } from '../../image/geometry.ts';
import type { FacenForm } from '../../pipeline/facen-form.ts';
import { findPictures } from '../find-pictures.ts';
import type { Host } from '../host.ts';
import { inOrder } from '../in-order.ts';
import { createBulkProgress } from '../progress.ts';
import { readPicture } from '../read-picture.ts';

export interface CalibrateCommand {
  /** Has a folder of pictures for each person. */
  readonly folder: string;
  /** Pictures at work at a time. */
  readonly width: number;
  /** The form of the engine's vectors. */
  readonly facens: FacenForm;
}

/** Pairs grow with the square of the faces: more of them take minutes and say no more. */
const mostFaces = 3000;

/**
 * Measures how alike an engine's embeddings make the people of a folder, and writes what its first
 * network's manifest takes as a calibration; for people, what was measured goes to stderr.
 *
 * @param engine its embeddings are on the scale of their networks
 * @throws Error where there are too few people, or pictures that belong to nobody.
 */
export async function calibrateFacens(host: Host, engine: Engine, command: CalibrateCommand): Promise<void> {
  const { folder, width, facens } = command;
  const faces: KnownFace[] = [];
  const lost: string[] = [];
  const lose = (path: string, problem: string) => lost.push(`phiz: ${path}: ${problem}\n`);
  const progress = createBulkProgress(host.stderr, async () => undefined);
  const looked = inOrder(findPictures(host, [folder]), width, async (picture) => {
    if ('problem' in picture) {
      if (picture.path === folder) throw new Error(`${folder}: ${picture.problem}`);
      lose(picture.path, picture.problem);
      return { faces: 0, failed: true };
    }
    const [person, ...rest] = picture.name.split('/') as [string, ...string[]];
    if (rest.length === 0) throw new Error(`${picture.path}: expected a folder of pictures for each person`);
    try {
      const vector = await largestFace(host, engine, picture.path);
      if (vector) faces.push({ person, vector });
      else lose(picture.path, 'no face was found');
      return { faces: vector ? 1 : 0, failed: false };
    } catch (error) {
      lose(picture.path, messageOf(error));
      return { faces: 0, failed: true };
    }
  });
  for await (const done of looked) {
    progress.advance(done);
    if (faces.length > mostFaces) throw new Error(`expected at most ${mostFaces} faces`);
  }
  progress.clear();
  for (const line of lost) host.stderr.write(line);

  const calibrated = calibrate(faces);
  host.stderr.write(reportOf(calibrated, faces, facens));
  const { transform, native, findface } = calibrated;
  const [, ...followedBy] = facens.networks;
  const entry = {
    ...(followedBy.length > 0 && { followedBy }),
    transform,
    thresholds: { native: rounded(native.thresholds), findface: rounded(findface.thresholds) },
  };
  host.stdout.write(`${JSON.stringify(entry)}\n`);
}

async function largestFace(host: Host, engine: Engine, path: string): Promise<Float32Array | undefined> {
  const { faces } = await engine.extract(await readPicture(host, path), { attributes: ['embedding'] });
  return faces.toSorted((first, second) => area(second.box) - area(first.box))[0]?.embedding;
}

function reportOf(
  { native, findface, confirmed, transform }: Calibrated,
  faces: readonly KnownFace[],
  { networks }: FacenForm,
): string {
  const people = new Set(faces.map(({ person }) => person)).size;
  const what =
    'shift' in transform ? 'shifted by less of what they have in common' : 'given a constant number';
  const percent = ({ strangersAbove }: Measured) => `${(100 * strangersAbove).toFixed(3)}%`;
  return [
    `${faces.length} faces of ${people} people: ${native.samePairs} pairs of one person, ${native.crossPairs} of strangers`,
    row('strangers that are above', (rate) => rate),
    row('cosine, native', (rate) => native.thresholds[rate].toFixed(3)),
    row('of one person above it', (rate) => native.accepted[rate].toFixed(3)),
    row('cosine, findface', (rate) => findface.thresholds[rate].toFixed(3)),
    row('of one person above it', (rate) => findface.accepted[rate].toFixed(3)),
    `Vectors are ${what}. Fitted to every second person and tried on the others, 0.75 lets in`,
    `${percent(confirmed[0])} of strangers, and the other way round ${percent(confirmed[1])}; 0.100% is aimed at.`,
    `This goes into the calibrations of the manifest of ${networks[0]}:`,
    '',
  ].join('\n');
}

function row(label: string, value: (rate: FalseAcceptRate) => string): string {
  const cells = (Object.keys(falseAcceptRates) as FalseAcceptRate[]).map((rate) => value(rate).padStart(8));
  return `  ${label.padEnd(26)}${cells.join('')}`;
}

function rounded(thresholds: Thresholds): Thresholds {
  const entries = Object.entries(thresholds).map(([rate, value]) => [rate, Number(value.toFixed(3))]);
  return Object.fromEntries(entries) as Thresholds;
}
