import * as v from 'valibot';
import { answerSchema, failureSchema } from '../../src/server/answer-schema.ts';
import { boundary, validForm, validPictures } from './inputs.ts';
import { below, mutate, pick, type Random } from './mutate.ts';

/** Something that must not happen, and the body that made it happen. */
export interface Finding {
  readonly what: string;
  readonly body: Uint8Array;
}

/** A call that is not answered within this many milliseconds hangs. */
const patience = 30_000;

const picturesACall = 8;

/** What a damaged picture may be told. */
const pictureCodes = ['IMAGE_DECODING_FAILED', 'IMAGE_TOO_LARGE'];

/** What a damaged body may be answered, besides 200. */
const failureStatuses = [400, 413, 415];

/**
 * Sends a running server damaged pictures and bodies, one call after another.
 *
 * @param goesOn asked before each call
 * @returns what went wrong: an answer of 500, INTERNAL or TIMEOUT, one of another shape, none at all,
 * an instance that had to be replaced. Ends with the first, since nothing is sure after it.
 */
export async function fuzz(url: string, random: Random, goesOn: () => boolean): Promise<Finding[]> {
  const pictures = await validPictures();
  while (goesOn()) {
    const form = random() < 0.5 ? damagedPictures(random, pictures) : damagedBody(random, pictures);
    const body = new Uint8Array(await new Response(form.body).arrayBuffer());
    try {
      await check(url, { ...form, body });
    } catch (error) {
      return [{ what: error instanceof Error ? error.message : String(error), body }];
    }
  }
  return [];
}

interface Attempt<Body = BodyInit> {
  readonly body: Body;
  readonly type: string;
  /** Whether the body itself is well-formed. */
  readonly wellFormed: boolean;
}

function damagedPictures(random: Random, pictures: readonly Uint8Array[]): Attempt {
  const form = new FormData();
  const requests = Array.from({ length: picturesACall }, (_, index) => {
    form.set(`${index}`, new Blob([mutate(random, pick(random, pictures)) as BlobPart]), `${index}`);
    return {
      image: `multipart:${index}`,
      // Detecting takes longest, and sees pixels whatever they show.
      detector: pick(random, ['nnd', 'prenormalized', 'prenormalized', 'prenormalized']),
      need_normalized: true,
      need_age: below(random, 4) === 0,
    };
  });
  form.set('request', JSON.stringify({ requests }));
  const { body, headers } = new Response(form);
  return { body: body!, type: headers.get('content-type')!, wellFormed: true };
}

function damagedBody(random: Random, pictures: readonly Uint8Array[]): Attempt {
  const body = mutate(random, validForm(pick(random, pictures).subarray(0, 500))) as Uint8Array<ArrayBuffer>;
  return { body, type: `multipart/form-data; boundary=${boundary}`, wellFormed: false };
}

async function check(
  url: string,
  { body, type, wellFormed }: Attempt<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
    signal: AbortSignal.timeout(patience),
  });
  const answer = await response.json();
  if (response.status === 200) {
    for (const { error } of v.parse(answerSchema, answer).responses) {
      const allowed = !error || !wellFormed || pictureCodes.includes(error.code);
      if (!allowed || error?.code === 'INTERNAL' || error?.code === 'TIMEOUT') {
        throw new Error(`${error?.code}: ${error?.desc}`);
      }
    }
  } else {
    const { error } = v.parse(failureSchema, answer);
    if (wellFormed || !failureStatuses.includes(response.status)) {
      throw new Error(`status ${response.status}, ${error.code}: ${error.desc}`);
    }
  }
  const metrics = await (await fetch(new URL('metrics', url))).text();
  const replaced = /^phiz_instances_replaced_total (\d+)/m.exec(metrics)?.[1];
  if (replaced !== '0') throw new Error(`${replaced} instances were replaced`);
}
