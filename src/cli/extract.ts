import { annotate } from '../draw/annotate.ts';
import type { Engine } from '../engine.ts';
import type { Face } from '../face/face.ts';
import { encodePng } from '../image/encode-png.ts';
import type { Picture } from '../image/picture.ts';
import { type AnswerRules, asBase64, toOptions } from '../server/answer.ts';
import type { FaceRequest } from '../server/request-schema.ts';
import { v1 } from '../server/versions.ts';
import { failureOf } from './failure.ts';
import { findPictures } from './find-pictures.ts';
import type { Host } from './host.ts';
import { inOrder } from './in-order.ts';
import { createProgress } from './progress.ts';

/** What an annotated picture shows, and so what is asked for with it. */
const annotatedNeeds = { need_landmarks: true, need_age: true, need_gender: true, need_emotions: true };

export interface ExtractCommand {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** What to look for in each picture, in the contract's words. */
  readonly request: FaceRequest;
  readonly rules: AnswerRules;
  /** Where annotated copies of the pictures are written, as PNG. */
  readonly annotations?: Annotations;
  /** Says how a picture of a size is looked at. */
  readonly explain?: (width: number, height: number) => string;
  /** Pictures at work at a time. */
  readonly width: number;
}

/** A folder for annotated pictures, and what decodes the pictures to draw on. */
export interface Annotations {
  readonly folder: string;
  decode(bytes: Uint8Array): Promise<Picture>;
}

/**
 * Extracts pictures and writes a line of JSON for each, in their order: `file`, and what the
 * service answers for it.
 *
 * @returns how many failed
 */
export async function extractFiles(host: Host, engine: Engine, command: ExtractCommand): Promise<number> {
  const files = await findPictures(host, command.paths);
  const { annotations, rules } = command;
  const request = annotations ? { ...command.request, ...annotatedNeeds } : command.request;
  const options = toOptions(request, rules, v1.extra(request, rules));
  const progress = createProgress(host.stderr, files.length, 'pictures');
  let failures = 0;
  const answers = inOrder(files, command.width, async ({ path, name }) => {
    try {
      const bytes = await host.readFile(path);
      // Before the bytes go to the engine, which may hand them to a thread.
      const picture = await annotations?.decode(bytes);
      const { width, height, faces } = await engine.extract(bytes, options);
      if (annotations && picture)
        await saveAnnotated(host, `${annotations.folder}/${name}.png`, picture, faces);
      if (command.explain) {
        progress.clear();
        host.stderr.write(`${path}, ${width}×${height}:\n${command.explain(width, height)}\n`);
      }
      return { file: path, ...v1.finds(faces, request, rules, asBase64) };
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

async function saveAnnotated(
  host: Host,
  path: string,
  picture: Picture,
  faces: readonly Face[],
): Promise<void> {
  const whole = { left: 0, top: 0, right: picture.width, bottom: picture.height };
  const { raster } = picture.view(whole, 1);
  await host.writeFile(path, encodePng(annotate(raster, faces)));
}
