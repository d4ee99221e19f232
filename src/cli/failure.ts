import { messageOf, PhizError } from '../errors.ts';
import type { WireFacesV1, WireResponse } from '../server/answer-schema.ts';
import { type LostPath, pictureEndings } from './find-pictures.ts';

/** The line of output for a picture that failed, in the contract's words. */
export function failureOf(error: unknown): WireResponse<WireFacesV1> {
  const { code, message } = error instanceof PhizError ? error : new PhizError('INTERNAL', messageOf(error));
  return { faces: [], error: { code, desc: message } };
}

/** The error of a path that leads to no picture. */
export function lostPicture({ problem }: LostPath): PhizError {
  return new PhizError('IMAGE_FETCH_FAILED', `Failed to read the picture: ${problem}`);
}

/** For the terminal: that a folder has no pictures. */
export function noPictures(path: string): string {
  return `phiz: ${path}: no pictures in this folder (${pictureEndings})\n`;
}
