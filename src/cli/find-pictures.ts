import { messageOf } from '../errors.ts';
import type { Entry, Host } from './host.ts';

/** Names of files that are taken from a folder; a file named by itself is tried whatever its name. */
const pictureName = /\.(jpe?g|jpe|jfif|png|webp|bmp|dib|gif|tiff?|avif|hei[cf])$/i;

/** For people: what {@link findPictures} looks for in a folder. */
export const pictureEndings = '.jpg, .png, .webp, .heic and the like';

/** The prefix of files that macOS leaves beside others on disks of other systems: named like pictures, and none. */
const resourceFork = '._';

/** Entries of a folder that are put in order at a time: a bound on memory, however many there are. */
const sortedAtATime = 10_000;

export interface FoundPicture {
  readonly path: string;
  /** For a file of its own among those of other pictures: relative, unlike that of any other picture. */
  readonly name: string;
}

/** A path that leads nowhere, or where nobody may look. */
export interface LostPath {
  readonly path: string;
  readonly problem: string;
}

export interface FindOptions {
  /** A folder below the others that is left out: what is written there is no input. */
  readonly leaveOut?: string | undefined;
  /** The prefix of the names where there is one path. Default: none. */
  readonly label?: string;
  /** Told of a folder without a picture, among those that were asked for. */
  readonly onEmpty?: (path: string) => void;
}

/**
 * The pictures that files and folders named on the command line stand for, in their order; in folders
 * by name. Links are followed. A folder is read as it is needed, so that memory does not grow with it.
 */
export async function* findPictures(
  host: Host,
  paths: readonly string[],
  options: FindOptions = {},
): AsyncGenerator<FoundPicture | LostPath> {
  const cleaned = paths.map(cleanPath);
  const labels = cleaned.length === 1 ? [options.label ?? ''] : labelsOf(cleaned);
  for (const [index, path] of cleaned.entries()) yield* findBelow(host, path, labels[index]!, options);
}

/** @param label what the names of the pictures begin with; none where it is empty */
async function* findBelow(
  host: Host,
  path: string,
  label: string,
  options: FindOptions,
): AsyncGenerator<FoundPicture | LostPath> {
  const entry = await entryAt(host, path);
  if ('problem' in entry) yield entry;
  else if (entry.folder === undefined) yield { path, name: label || baseName(path) };
  else {
    let found = 0;
    for await (const picture of walk(host, path, [entry.folder], label, options.leaveOut)) {
      found++;
      yield picture;
    }
    if (found === 0) options.onEmpty?.(path);
  }
}

/** @param above the folder and those that it is in, by {@link Entry.folder}: a link back to one leads round in circles. */
async function* walk(
  host: Host,
  folder: string,
  above: readonly string[],
  label: string,
  leaveOut: string | undefined,
): AsyncGenerator<FoundPicture | LostPath> {
  try {
    for await (const names of inSortedParts(host.readFolder(folder))) {
      for (const { name: base, kind } of names) {
        const isPicture = pictureName.test(base) && !base.startsWith(resourceFork);
        const path = folder === '.' ? base : `${folder.replace(/\/$/, '')}/${base}`;
        const name = label === '' ? base : `${label}/${base}`;
        if (kind === 'file') {
          if (isPicture) yield { path, name };
        } else if (kind === 'folder' || kind === 'link') {
          const entry = await entryAt(host, path);
          if ('problem' in entry) {
            if (isPicture || kind === 'folder') yield entry;
          } else if (entry.folder === undefined) {
            if (isPicture) yield { path, name };
          } else if (!above.includes(entry.folder) && !(await isFolder(host, leaveOut, entry.folder))) {
            yield* walk(host, path, [...above, entry.folder], name, leaveOut);
          }
        }
      }
    }
  } catch (error) {
    yield { path: folder, problem: messageOf(error) };
  }
}

/** True where a path leads to the folder that has this {@link Entry.folder}. */
async function isFolder(host: Host, path: string | undefined, folder: string): Promise<boolean> {
  if (path === undefined) return false;
  const entry = await entryAt(host, path);
  return 'folder' in entry && entry.folder === folder;
}

async function entryAt(host: Host, path: string): Promise<Entry | LostPath> {
  try {
    return (await host.entry(path)) ?? { path, problem: 'there is no such file or folder' };
  } catch (error) {
    return { path, problem: messageOf(error) };
  }
}

async function* inSortedParts<Named extends { readonly name: string }>(
  names: AsyncIterable<Named>,
): AsyncGenerator<Named[]> {
  let part: Named[] = [];
  const sorted = () => part.sort((a, b) => (a.name < b.name ? -1 : 1));
  for await (const name of names) {
    part.push(name);
    if (part.length < sortedAtATime) continue;
    yield sorted();
    part = [];
  }
  yield sorted();
}

/** Without what makes two names of one path: slashes that say nothing, and a leading `./`. */
export function cleanPath(path: string): string {
  const slashes = path.replace(/(?<=.)[\\/]+$/, '').replace(/\/{2,}/g, '/');
  return slashes.replace(/^(\.[\\/])+(?=.)/, '');
}

/** The prefix of the pictures' names below each path: so much of the path's end as tells it from the others. */
function labelsOf(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(/[\\/]/).filter((part) => !['', '.', '..'].includes(part)));
  const lengths = parts.map(() => 1);
  for (;;) {
    const labels = parts.map((part, index) => part.slice(-lengths[index]!).join('/'));
    const counts = new Map<string, number>();
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
    let longer = false;
    for (const [index, label] of labels.entries()) {
      if (counts.get(label) === 1 || lengths[index]! >= parts[index]!.length) continue;
      lengths[index]!++;
      longer = true;
    }
    if (longer) continue;
    // Paths that are still alike: x and ../x, or one path twice.
    const taken = new Set(['']);
    return labels.map((label) => {
      let free = label;
      for (let nth = 2; taken.has(free); nth++) free = `${label}~${nth}`;
      taken.add(free);
      return free;
    });
  }
}

const baseName = (path: string) => path.replace(/^.*[\\/]/, '');
