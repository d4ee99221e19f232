import * as v from 'valibot';
import { PhizError } from '../errors.ts';

/**
 * The body of a call. This schema is the single source of the types, of validation and its error
 * paths, and of the OpenAPI document. Each message says what was expected.
 */

/** An object whose missing entry is reported with what that entry should have been. */
function object<const Entries extends v.ObjectEntries>(entries: Entries, expected: string) {
  return v.object(entries, (issue) => {
    const missing = entries[String(issue.path?.at(-1)?.key)];
    const inner = missing && 'message' in missing ? missing.message : undefined;
    return issue.expected !== 'Object' && typeof inner === 'string' ? inner : expected;
  });
}

const pixels = (about: string) =>
  v.pipe(v.number('a number'), v.finite('a finite number'), v.description(about));

const flag = (about: string) => v.optional(v.pipe(v.boolean('true or false'), v.description(about)), false);

export const roiSchema = v.pipe(
  object(
    {
      left: pixels('First column.'),
      top: pixels('First row.'),
      right: pixels('The column after the last one.'),
      bottom: pixels('The row after the last one.'),
    },
    'an object with left, top, right and bottom',
  ),
  v.title('Roi'),
  v.description(
    'Region of interest in pixels of the upright picture. It may reach outside the picture: only the common part is looked at. Default: the whole picture.',
  ),
);

export const detectors = ['nnd', 'legacy', 'prenormalized'] as const;

export const requestSchema = v.pipe(
  object(
    {
      image: v.pipe(
        v.string('a string'),
        v.description(
          'The picture: `multipart:<part>` for a part of this body, an `http:` or `https:` URL, or a base64 `data:` URL. JPEG, PNG or WebP, recognised by content.',
        ),
        v.examples(['multipart:sample', 'https://example.com/sample.jpg']),
      ),
      roi: v.optional(roiSchema),
      detector: v.optional(
        v.pipe(
          v.picklist(detectors, `one of ${detectors.join(', ')}`),
          v.description(
            '`nnd` is the accurate detector, `legacy` the fast one; `prenormalized` detects nothing and takes the picture as a normalised face.',
          ),
        ),
        'nnd',
      ),
      need_facen: flag('Return the feature vector.'),
      need_gender: flag('Return the gender.'),
      need_emotions: flag('Return all seven emotions.'),
      need_age: flag('Return the age.'),
      need_normalized: flag(
        'Return the normalised face as a PNG, which can be posted back as `prenormalized`.',
      ),
      auto_rotate: flag(
        'Look at the picture in four orientations. Works with `nnd` and `quality_estimator: true` only.',
      ),
      need_landmarks: flag('Return five landmarks, and all 68 where the models have them.'),
      need_headpose: flag('Return yaw, pitch and roll.'),
      need_quality: flag('Return the quality score beside the detection score, whatever the configuration.'),
    },
    'an object',
  ),
  v.title('Request'),
  v.description('What to look for in one picture. Unknown keys are ignored.'),
);

export const callSchema = v.pipe(
  object(
    {
      requests: v.pipe(
        v.array(requestSchema, 'a list'),
        v.description('Answered in this order. Requests that name the same picture decode it once.'),
      ),
      include_timings: flag('Add `timings` to every response.'),
      response_format: v.optional(
        v.pipe(
          v.picklist(['json', 'msgpack'], 'one of json, msgpack'),
          v.description('`msgpack` sends `facen` and `normalized` as plain bytes instead of base64.'),
        ),
        'json',
      ),
    },
    'an object with a list `requests`',
  ),
  v.title('Call'),
);

export type FaceRequest = v.InferOutput<typeof requestSchema>;
export type Call = v.InferOutput<typeof callSchema>;

/**
 * Checks a parsed body.
 * @throws PhizError BAD_REQUEST, which names the path, e.g. `requests[2].roi.left: expected a number`.
 */
export function parseCall(value: unknown, maxRequests: number): Call {
  // Counted first: a list of a million entries is not worth looking at one by one.
  const count = (value as { requests?: { length?: unknown } } | null)?.requests?.length;
  if (typeof count === 'number' && count > maxRequests) {
    throw new PhizError('BAD_REQUEST', `requests: expected at most ${maxRequests} entries, got ${count}`);
  }
  const result = v.safeParse(callSchema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = issue.path?.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  throw new PhizError(
    'BAD_REQUEST',
    path ? `${path.slice(1)}: expected ${issue.message}` : `expected ${issue.message}`,
  );
}
