import { concatenated } from '../bytes.ts';
import type { Host } from './host.ts';

/** Bytes that are read for a picture: 100 megapixels take 600 MB where nothing is compressed. */
const mostBytes = 2 ** 30;

/**
 * The bytes of a picture's file, or of what comes out of a pipe.
 * @throws Error where it cannot be read, or has no end in sight
 */
export async function readPicture(host: Host, path: string): Promise<Uint8Array> {
  const size = await host.fileSize(path);
  if (size !== undefined) {
    checkLength(size);
    return host.readFile(path);
  }
  // A pipe or a device: its end is known when it comes.
  const parts: Uint8Array[] = [];
  let read = 0;
  for await (const part of host.readParts(path)) {
    parts.push(part);
    read += part.length;
    checkLength(read);
  }
  return concatenated(parts);
}

function checkLength(bytes: number): void {
  if (bytes > mostBytes) throw new Error('more than 1 GB, which is no picture');
}
