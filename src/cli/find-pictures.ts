import type { Host } from './host.ts';

/** What is taken from a folder; a file named by itself is tried whatever its name. */
const pictureName = /\.(jpe?g|png|webp)$/i;

export interface NamedFile {
  readonly path: string;
  /** Below the folder that it was found in. */
  readonly name: string;
}

/** The pictures that files and folders named on the command line stand for, in order. */
export async function findPictures(host: Host, paths: readonly string[]): Promise<NamedFile[]> {
  const found: NamedFile[] = [];
  for (const path of paths) {
    const folder = path.replace(/[\\/]+$/, '');
    for (const file of await host.listFiles(folder)) {
      if (file === folder) found.push({ path: file, name: file.replace(/^.*[\\/]/, '') });
      else if (pictureName.test(file)) found.push({ path: file, name: file.slice(folder.length + 1) });
    }
  }
  return found;
}
