import type { Engine } from '../engine.ts';
import { PhizError } from '../errors.ts';
import type { Face } from '../face/face.ts';
import { cosine } from '../face/facen-scale.ts';
import { type Thresholds, type Verdict, verdictOf } from '../face/verdict.ts';
import { area, type Box } from '../image/geometry.ts';
import { failureOf, lostPicture, noPictures } from './failure.ts';
import { findPictures } from './find-pictures.ts';
import type { Host } from './host.ts';
import { inOrder } from './in-order.ts';
import { countPictures } from './picture-list.ts';
import { createBulkProgress } from './progress.ts';
import { readPicture } from './read-picture.ts';

export interface CompareCommand {
  /** The picture whose largest face is looked for. */
  readonly reference: string;
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Pictures at work at a time. */
  readonly width: number;
  /** Of the engine's embeddings, where they were measured. */
  readonly thresholds: Thresholds | undefined;
}

/** A face and the cosine of its embedding with the reference's, -1 to 1; what that says, where it is known. */
interface Compared extends Partial<Verdict> {
  readonly bbox: Box;
  readonly similarity: number;
}

/**
 * Compares the largest face of one picture with every face of others: writes a line of JSON for
 * each picture, in their order, its most similar face first.
 *
 * @returns how many pictures failed
 * @throws Error where the reference cannot be read or shows no face.
 */
export async function compareFiles(host: Host, engine: Engine, command: CompareCommand): Promise<number> {
  const shown = await embedded(host, engine, command.reference).catch((error: unknown) => {
    if (!(error instanceof PhizError)) throw error;
    throw new Error(`${command.reference}: ${error.message}`, { cause: error });
  });
  const reference = largest(shown);
  if (!reference) throw new Error(`${command.reference}: no face was found`);
  const progress = createBulkProgress(host.stderr, () => countPictures(host, command));
  let failures = 0;
  const found = findPictures(host, command.paths, {
    onEmpty: (path) => {
      failures++;
      host.stderr.write(noPictures(path));
    },
  });
  const answers = inOrder(found, command.width, async (picture) => {
    const { path } = picture;
    try {
      if ('problem' in picture) throw lostPicture(picture);
      const faces = await embedded(host, engine, path);
      return {
        file: path,
        faces: faces.map((face) => compare(face, reference, command.thresholds)).sort(bySimilarity),
      };
    } catch (error) {
      failures++;
      return { file: path, ...failureOf(error) };
    }
  });
  for await (const answer of answers) {
    progress.clear();
    host.stdout.write(`${JSON.stringify(answer)}\n`);
    progress.advance({ faces: answer.faces.length, failed: 'error' in answer });
  }
  progress.clear();
  return failures;
}

async function embedded(host: Host, engine: Engine, path: string): Promise<readonly Face[]> {
  const { faces } = await engine.extract(await readPicture(host, path), { attributes: ['embedding'] });
  return faces;
}

function largest(faces: readonly Face[]): Face | undefined {
  return faces.toSorted((first, second) => area(second.box) - area(first.box))[0];
}

function compare({ box, embedding }: Face, reference: Face, thresholds: Thresholds | undefined): Compared {
  const similarity = Number(cosine(embedding!, reference.embedding!).toPrecision(8));
  return { bbox: box, similarity, ...(thresholds && verdictOf(similarity, thresholds)) };
}

const bySimilarity = (first: Compared, second: Compared) => second.similarity - first.similarity;
