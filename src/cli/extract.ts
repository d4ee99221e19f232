import type { Engine } from '../engine.ts';
import { PhizError } from '../errors.ts';
import { asBase64, toOptions, toWireFace } from '../server/answer.ts';
import type { WireResponse } from '../server/answer-schema.ts';
import type { FaceRequest } from '../server/request-schema.ts';
import type { Host } from './host.ts';
import { inOrder } from './in-order.ts';
import { createProgress } from './progress.ts';

/** What is taken from a folder; a file named by itself is tried whatever its name. */
const pictureName = /\.(jpe?g|png|webp)$/i;

export interface ExtractCommand {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** What to look for in each picture, in the contract's words. */
  readonly request: FaceRequest;
  readonly qualityEstimator: boolean;
  /** Pictures at work at a time. */
  readonly width: number;
}

/**
 * Extracts pictures and writes a line of JSON for each, in their order: `file`, and what the
 * service answers for it.
 *
 * @returns how many failed
 */
export async function extractFiles(host: Host, engine: Engine, command: ExtractCommand): Promise<number> {
  const files = await findPictures(host, command.paths);
  const { request, qualityEstimator } = command;
  const options = toOptions(request, qualityEstimator);
  const progress = createProgress(host.stderr, files.length, 'pictures');
  let failures = 0;
  const answers = inOrder(files, command.width, async (path) => {
    try {
      const bytes = await host.readFile(path);
      const { faces } = await engine.extract(bytes, options);
      return {
        file: path,
        faces: faces.map((face) => toWireFace(face, request, qualityEstimator, asBase64)),
      };
    } catch (error) {
      return { file: path, ...failureOf(error) };
    }
  });
  for await (const answer of answers) {
    if (answer.error) failures++;
    progress.clear();
    host.stdout.write(`${JSON.stringify(answer)}\n`);
    progress.advance();
  }
  progress.clear();
  return failures;
}

async function findPictures(host: Host, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const folder = path.replace(/[\\/]+$/, '');
    for (const file of await host.listFiles(folder)) {
      if (file === folder || pictureName.test(file)) found.push(file);
    }
  }
  return found;
}

function failureOf(error: unknown): WireResponse {
  const { code, message } =
    error instanceof PhizError
      ? error
      : new PhizError('INTERNAL', error instanceof Error ? error.message : String(error));
  return { faces: [], error: { code, desc: message } };
}
