import type { AlignedFace } from '../src/face/face.ts';
import type { LocatedOutcome } from '../src/pipeline/work.ts';

/** The faces of a request for attributes. @throws its error */
export function alignedFaces(outcome: LocatedOutcome | undefined): readonly AlignedFace[] {
  if (!outcome?.ok) throw outcome?.error ?? new Error('no answer');
  if (!outcome.value.aligned) throw new Error('expected a request for attributes');
  return outcome.value.faces;
}
