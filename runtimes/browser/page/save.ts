import { annotate } from '../../../src/draw/annotate.ts';
import type { Face } from '../../../src/face/face.ts';
import { h } from './dom.ts';
import type { JsonFace } from './service.ts';

/** Hands a file to the person at the page, as a download. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  h('a', { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** A picture with its faces drawn on it, as `phiz extract --annotate` draws them. @returns a JPEG */
export async function annotated(image: HTMLImageElement, faces: readonly JsonFace[]): Promise<Blob> {
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, width, height);
  const raster = { width, height, data: new Uint8Array(width * height * 3) };
  for (let from = 0, to = 0; from < pixels.data.length; from += 4, to += 3) {
    raster.data.set(pixels.data.subarray(from, from + 3), to);
  }
  const { data } = annotate(raster, faces.map(drawable));
  for (let to = 0, from = 0; to < pixels.data.length; to += 4, from += 3) {
    pixels.data.set(data.subarray(from, from + 3), to);
  }
  context.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
}

/** A face of the answer in the library's words, to be drawn. */
function drawable({ bbox, detection_score, landmarks, gender, age, emotions }: JsonFace): Face {
  return {
    box: bbox,
    confidence: detection_score,
    ...(landmarks && {
      landmarks: {
        five: [
          landmarks.left_eye,
          landmarks.right_eye,
          landmarks.nose,
          landmarks.left_mouth,
          landmarks.right_mouth,
        ],
        ...(landmarks.all && { all: landmarks.all }),
      },
    }),
    ...(gender && { gender: { label: gender.gender === 'MALE' ? 'male' : 'female', score: gender.score } }),
    ...(age !== undefined && { age }),
    ...(emotions && {
      emotions: emotions.map(({ emotion, score }) => ({ label: emotion, probability: score })),
    }),
  };
}
