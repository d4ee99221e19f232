import type { Config } from '../config/schema.ts';
import { annotate } from '../draw/annotate.ts';
import type { Engine } from '../engine.ts';
import type { ErrorCode } from '../errors.ts';
import type { Face } from '../face/face.ts';
import { encodePng } from '../image/encode-png.ts';
import { wholeOf } from '../image/geometry.ts';
import type { Picture as DecodedPicture } from '../image/picture.ts';
import { type AnswerRules, asBase64, toOptions } from '../server/answer.ts';
import type { WireFacesV1, WireResponse } from '../server/answer-schema.ts';
import { fetchedPicture } from '../server/pictures.ts';
import type { FaceRequest } from '../server/request-schema.ts';
import { v1 } from '../server/versions.ts';
import { failureOf, lostPicture, noPictures } from './failure.ts';
import type { Host } from './host.ts';
import { inOrder } from './in-order.ts';
import type { LineHead } from './output/journal.ts';
import { type Done, fileOutput, type Output, type OutputFormat, streamOutput } from './output/output.ts';
import type { PictureLine } from './output/table.ts';
import {
  addressOf,
  countPictures,
  type ListedPicture,
  listPictures,
  type PictureArguments,
} from './picture-list.ts';
import { createBulkProgress } from './progress.ts';
import { readPicture } from './read-picture.ts';

/** The attributes that an annotated picture shows, requested for it. */
const annotatedNeeds = { need_landmarks: true, need_age: true, need_gender: true, need_emotions: true };

/** Files that are looked up at a time when it is to be seen whether they have changed. */
const lookUpsAtATime = 32;

export interface ExtractCommand {
  readonly sources: PictureArguments;
  /** The request for each picture, in the contract's words. */
  readonly request: FaceRequest;
  readonly rules: AnswerRules;
  /** Bounds on pictures that are fetched. */
  readonly fetch: Config['fetch'];
  /** The file for the answers; without one they go to standard output. */
  readonly out?: string | undefined;
  readonly format: OutputFormat;
  /** True: pictures for which the file has answers are done again. */
  readonly again: boolean;
  /** Where annotated copies of the pictures are written, as PNG. */
  readonly annotations?: Annotations;
  /** Explains how a picture of a size is looked at. */
  readonly explain?: (width: number, height: number) => string;
  /** Pictures at work at a time. */
  readonly width: number;
}

/** A folder for annotated pictures, and what decodes the pictures to draw on. */
export interface Annotations {
  readonly folder: string;
  decode(bytes: Uint8Array): Promise<DecodedPicture>;
}

/** The end of a run. */
export interface Extracted {
  /** Pictures that failed, and folders without any. */
  readonly failures: number;
  /** True where the run was asked to stop before its end. */
  readonly stopped: boolean;
}

/** A picture, and the facts by which a change of it shows. */
interface DatedPicture {
  readonly picture: ListedPicture;
  /** Of a file: its size in bytes, and when it was changed, in milliseconds since 1970. */
  readonly file?: { readonly size: number; readonly modified: number };
}

/** The line of a picture that came from a file: with what tells later runs that it has not changed. */
type ExtractLine = PictureLine & { readonly size?: number; readonly modified?: number };

/**
 * Extracts pictures and writes a line of JSON (or rows of a table) for each, in their order: `file`,
 * and what the service answers for it. Into a file: pictures that it has are left out, whose size and
 * time of change are the same.
 *
 * @throws Error where the output cannot be written; what was written before is whole.
 */
export async function extractFiles(host: Host, engine: Engine, command: ExtractCommand): Promise<Extracted> {
  const { annotations, sources, rules } = command;
  const request = annotations ? { ...command.request, ...annotatedNeeds } : command.request;
  const options = toOptions(request, rules, v1.extra(request, rules), asBase64);
  const leaveOut = annotations?.folder;
  const taken = leaveOut === undefined ? undefined : await host.entry(leaveOut);
  if (taken && taken.folder === undefined)
    throw new Error(`${leaveOut} is a file: annotated pictures go into a folder`);
  const output = await openOutput(host, command);
  const progress = createBulkProgress(host.stderr, () => countPictures(host, sources, { leaveOut }));
  let failures = 0;
  let stopped = false;
  // Whoever watches the output scroll by ends it at once; a file is ended with a whole line.
  if (command.out !== undefined) host.onStop(() => (stopped = true));

  const say = (text: string) => {
    progress.clear();
    host.stderr.write(text);
  };
  const found = listPictures(host, sources, {
    leaveOut,
    onEmpty(path) {
      failures++;
      say(noPictures(path));
    },
  });
  const answers = inOrder(wanted(), command.width, async ({ picture, file }): Promise<Done<ExtractLine>> => {
    const answer = await extractOne(picture).catch(failureOf);
    return doneOf({ file: addressOf(picture), ...file, ...answer });
  });
  for await (const answer of answers) {
    const { faces, error } = answer.line;
    if (error) failures++;
    progress.clear();
    await output.write([answer]);
    progress.advance({ faces: faces.length, failed: error !== undefined });
  }
  await output.finish();
  const summary = stopped ? `${progress.summary()}; stopped: run it again to go on` : progress.summary();
  if (command.out !== undefined || host.stderr.columns !== undefined) say(`${summary}\n`);
  return { failures, stopped };

  /** The pictures that are not done yet. */
  async function* wanted(): AsyncGenerator<DatedPicture> {
    if (command.out === undefined) {
      for await (const picture of found) yield { picture };
      return;
    }
    for await (const candidate of inOrder(found, lookUpsAtATime, (picture) => lookUp(host, picture))) {
      if (stopped) return;
      const { key, state } = headOf(candidate);
      if (!command.again && state !== undefined && output.has(key, state)) progress.skip();
      else yield candidate;
    }
  }

  async function extractOne(picture: ListedPicture): Promise<WireResponse<WireFacesV1>> {
    if ('problem' in picture) throw lostPicture(picture);
    const bytes = 'url' in picture ? await fetched(picture.url) : await read(picture.path);
    // Before the bytes go to the engine, which may hand them to a thread.
    const decoded = await annotations?.decode(bytes);
    const { width, height, faces, warnings } = await engine.extract(bytes, options);
    if (annotations && decoded) {
      await saveAnnotated(host, `${annotations.folder}/${picture.name}.png`, decoded, faces);
    }
    if (command.explain) {
      say(`${addressOf(picture)}, ${width}×${height}:\n${command.explain(width, height)}\n`);
    }
    return { ...v1.toWire(faces, request, rules, asBase64), ...(warnings && { warnings: [...warnings] }) };
  }

  async function read(path: string): Promise<Uint8Array> {
    return readPicture(host, path).catch((error: Error) => {
      throw lostPicture({ path, problem: error.message });
    });
  }

  function fetched(url: string): Promise<Uint8Array> {
    const transport = command.fetch.enabled ? host.transport : undefined;
    return fetchedPicture(url, { transport, limits: command.fetch }, new AbortController().signal);
  }
}

function openOutput(host: Host, { out, format }: ExtractCommand): Promise<Output> | Output {
  if (out === undefined) return streamOutput(host, format);
  return fileOutput(host, out, format, (line) => {
    return 'faces' in line && Array.isArray(line.faces) ? doneOf(line) : undefined;
  });
}

async function lookUp(host: Host, picture: ListedPicture): Promise<DatedPicture> {
  if ('problem' in picture || 'url' in picture) return { picture };
  const entry = await host.entry(picture.path).catch(() => undefined);
  return { picture, ...(entry && { file: { size: entry.size, modified: entry.modified } }) };
}

/** By what an output knows a picture. */
function headOf({ picture, file }: DatedPicture): LineHead {
  return { key: addressOf(picture), state: `${file?.size},${file?.modified}` };
}

function doneOf(line: ExtractLine): Done<ExtractLine> {
  const state = line.error && mayPass(line.error.code) ? undefined : `${line.size},${line.modified}`;
  return { key: line.file, state, line };
}

/** True for errors that may pass: the picture is worth another try. */
function mayPass(code: ErrorCode): boolean {
  return ['IMAGE_FETCH_FAILED', 'IMAGE_FETCH_DISABLED', 'TIMEOUT', 'OVERLOADED', 'INTERNAL'].includes(code);
}

async function saveAnnotated(
  host: Host,
  path: string,
  picture: DecodedPicture,
  faces: readonly Face[],
): Promise<void> {
  const { raster } = picture.view(wholeOf(picture), 1);
  await host.writeFile(path, encodePng(annotate(raster, faces)));
}
