import { Unzlib } from 'fflate';
import { PhizError } from '../../errors.ts';

/** Compressed bytes that are handed over at a time. */
const pieceLength = 64 * 1024;

/**
 * Inflates a zlib stream by the platform's own code. Nothing waits in memory but a few pieces of what
 * comes out (16 to 64 kB each in all engines), however much it expands.
 *
 * @param parts the stream, in pieces
 * @param take gets what comes out, in order; false ends it
 * @throws whatever the platform throws for a damaged stream
 */
export async function inflate(
  parts: readonly Uint8Array[],
  take: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const reader = compressed(parts).pipeThrough(new DecompressionStream('deflate')).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (!take(value)) return reader.cancel();
  }
}

function compressed(parts: readonly Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  let part = 0;
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      while (part < parts.length && at >= parts[part]!.length) {
        part++;
        at = 0;
      }
      if (part === parts.length) controller.close();
      else controller.enqueue(parts[part]!.subarray(at, at + pieceLength) as Uint8Array<ArrayBuffer>);
      at += pieceLength;
    },
  });
}

/** Compressed bytes that are lost with the first damaged one. */
const smallPiece = 256;

/** {@link inflate} of a stream that is damaged or cut off: all that comes before, a little less than that at most. */
export function inflateDamaged(parts: readonly Uint8Array[], take: (bytes: Uint8Array) => boolean): void {
  let goesOn = true;
  const stream = new Unzlib((bytes) => {
    if (goesOn) goesOn = take(bytes);
  });
  for (const part of parts) {
    for (let at = 0; at < part.length && goesOn; at += smallPiece) {
      try {
        stream.push(part.subarray(at, at + smallPiece));
      } catch (error) {
        if (error instanceof PhizError) throw error;
        return;
      }
    }
  }
}
