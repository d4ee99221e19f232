import { PhizError } from '../errors.ts';
import type { FaceFinds, WireResponse } from '../server/answer-schema.ts';

/** What a line of output says of a picture that failed, in the contract's words. */
export function failureOf(error: unknown): WireResponse<FaceFinds> {
  const { code, message } =
    error instanceof PhizError
      ? error
      : new PhizError('INTERNAL', error instanceof Error ? error.message : String(error));
  return { faces: [], error: { code, desc: message } };
}
