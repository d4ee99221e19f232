import type { Timings } from '../../../src/pipeline/extraction.ts';
import type { Instance } from '../../../src/pipeline/work.ts';
import { answerFormats } from '../../../src/server/answer-format.ts';
import { alignedFaces } from '../../aligned-faces.ts';
import { everything } from '../everything.ts';
import type { Event, Meter } from './meter.ts';

/** One step of a picture's way: `decode`, `detect: ssd-mobilenetv1`, `detect: the rest`. */
export interface ProfiledStep {
  readonly name: string;
  readonly milliseconds: number;
  /** Multiply-accumulates; 0 where there is no network. */
  readonly macs: number;
}

/** Has a picture answered in this thread, and tells where the time went, in the steps' order. */
export async function profilePicture(
  instance: Instance,
  meter: Meter,
  jpeg: Uint8Array,
): Promise<ProfiledStep[]> {
  const go = () => {};
  meter.take();
  const locatingSince = performance.now();
  const requests = [{ attributes: everything }];
  const opened = await instance.open(jpeg, requests, go);
  const [outcome] = await instance.locate(opened, requests, go);
  opened.picture.close?.();
  if (!outcome?.ok) throw outcome?.error;
  const locating = split(
    outcome.value.timings,
    [['decode'], ['detect'], ['align']],
    locatingSince,
    meter.take(),
  );

  const describingSince = performance.now();
  const described = await instance.describe(
    alignedFaces(outcome),
    everything,
    go,
    answerFormats.json.form.chips,
  );
  const describing = split(
    described.timings,
    [['embedding'], ['age', 'gender'], ['emotions']],
    describingSince,
    meter.take(),
  );

  const encoding = { name: 'encode', milliseconds: described.timings.encode ?? 0, macs: 0 };
  return [...locating, ...describing, encoding];
}

/**
 * Splits stages into their networks and the rest. Parts of a stage are timed by shares of one
 * computation. The stages come one after the other, so that an
 * event's start tells whose it is. A decoder may do its work when it is asked for pixels: that
 * counts as decoding.
 */
function split(
  timings: Timings,
  stages: readonly (readonly (keyof Timings)[])[],
  since: number,
  events: readonly Event[],
): ProfiledStep[] {
  const steps: ProfiledStep[] = [];
  let start = since;
  let decoding = 0;
  for (const parts of stages) {
    const time = parts.reduce((sum, part) => sum + (timings[part] ?? 0), 0);
    const stage = parts.join(', ');
    const own = events.filter((event) => event.start >= start && event.start < start + time);
    start += time;
    let rest = time;
    for (const { network, milliseconds, macs } of own) {
      rest -= milliseconds;
      if (network === undefined) decoding += milliseconds;
      else steps.push({ name: `${stage}: ${network}`, milliseconds, macs });
    }
    steps.push({ name: stage === 'decode' ? stage : `${stage}: the rest`, milliseconds: rest, macs: 0 });
  }
  if (decoding > 0) steps.push({ name: 'decode', milliseconds: decoding, macs: 0 });
  return steps;
}
