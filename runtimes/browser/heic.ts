import type { DecodeHeic } from '../../src/image/codec.ts';

/** HEIC by the browser's own decoder, which Safari has; undefined where there is none. */
export const decodeHeic: DecodeHeic = async (bytes) => {
  const picture = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/heic' });
  const bitmap = await createImageBitmap(picture).catch(() => undefined);
  if (!bitmap) return undefined;
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
};
