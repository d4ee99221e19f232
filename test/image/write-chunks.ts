import { aroundData, beforeData, closeChunk, type PngChunk, signature } from '../../src/image/png/chunks.ts';

/** A PNG file of the given chunks. */
export function writeChunks(chunks: readonly PngChunk[]): Uint8Array {
  const length = chunks.reduce((sum, { data }) => sum + aroundData + data.length, signature.length);
  const bytes = new Uint8Array(length);
  bytes.set(signature);
  let at = signature.length;
  for (const { name, data } of chunks) {
    bytes.set(data, at + beforeData);
    at = closeChunk(bytes, at, name, data.length);
  }
  return bytes;
}
