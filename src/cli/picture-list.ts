import { isRemote } from '../server/pictures.ts';
import { type FindOptions, type FoundPicture, findPictures, type LostPath } from './find-pictures.ts';
import type { Host } from './host.ts';
import { splitLines } from './output/lines.ts';

/** A picture to be fetched. */
export interface RemotePicture {
  readonly url: string;
  readonly name: string;
}

export type ListedPicture = FoundPicture | LostPath | RemotePicture;

/** The path or URL of a picture, as its line of output names it. */
export const addressOf = (picture: ListedPicture) => ('url' in picture ? picture.url : picture.path);

export interface PictureArguments {
  /** Files, folders and URLs. */
  readonly paths: readonly string[];
  /** A file with more of them, one a line, or `-`: standard input. */
  readonly list?: string | undefined;
}

const newline = 10;

/**
 * The pictures that arguments and a list stand for, in their order.
 *
 * @throws Error where the list cannot be read
 */
export async function* listPictures(
  host: Host,
  { paths, list }: PictureArguments,
  options: FindOptions = {},
): AsyncGenerator<ListedPicture> {
  const local = paths.filter((path) => !isRemote(path, {}));
  yield* findPictures(host, local, options);
  for (const path of paths) if (isRemote(path, {})) yield remote(path);
  if (list === undefined) return;
  for await (const path of listed(host, list)) {
    if (isRemote(path, {})) yield remote(path);
    else yield* findPictures(host, [path], { ...options, label: nameOf(path) });
  }
}

/** The number of pictures; undefined where it shows only as they come. */
export async function countPictures(
  host: Host,
  sources: PictureArguments,
  { leaveOut }: FindOptions = {},
): Promise<number | undefined> {
  if (sources.list === '-') return undefined;
  let count = 0;
  for await (const _ of listPictures(host, sources, { leaveOut })) count++;
  return count;
}

/** The entries of a list: lines, or what stands between zero bytes where it begins so (`find -print0`). */
async function* listed(host: Host, list: string): AsyncGenerator<string> {
  const text = new TextDecoder();
  const parts = list === '-' ? host.stdin : host.readParts(list);
  for await (const { bytes } of splitLines(parts, (first) => (first.includes(0) ? 0 : newline))) {
    const entry = text.decode(bytes).replace(/\r$/, '');
    if (entry.trim() !== '') yield entry;
  }
}

const remote = (url: string): RemotePicture => ({ url, name: nameOf(url) });

/** A path or an address as the name of a file below a folder. */
function nameOf(address: string): string {
  return address
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '..' ? '%2E%2E' : part.replace(/[%:?*"<>|]/g, percentEncoded)))
    .join('/');
}

const percentEncoded = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
