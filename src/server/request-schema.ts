import * as v from 'valibot';
import { keysOf, type Path, unknownKeys, withoutNulls } from '../config/known-keys.ts';
import { nearest } from '../config/nearest.ts';
import { namedAttribute } from '../config/vocabulary.ts';
import { PhizError } from '../errors.ts';
import { facesOrders } from '../pipeline/extraction.ts';

/**
 * The body of a call, of both versions of the API. This schema is the single source of the types, of
 * validation and its error paths, and of the OpenAPI document. Each message says what was expected.
 */

/** An object whose missing entry is reported with what that entry should have been; of a list none is missing. */
function object<const Entries extends v.ObjectEntries>(entries: Entries, expected: string) {
  return v.object(entries, (issue) => {
    const place = issue.path?.at(-1);
    if (place && isKeyOfList(place)) return expected;
    const missing = entries[String(place?.key)];
    const inner = missing && 'message' in missing ? missing.message : undefined;
    return issue.expected !== 'Object' && typeof inner === 'string' ? inner : expected;
  });
}

/** True where an entry of an object was looked for in a list, which valibot takes for an object. */
const isKeyOfList = ({ key, input }: v.IssuePathItem) => Array.isArray(input) && typeof key === 'string';

const pixels = (about: string) =>
  v.pipe(v.number('a number'), v.finite('a finite number'), v.description(about));

const flag = (about: string) => v.optional(v.pipe(v.boolean('true or false'), v.description(about)), false);

const roiForms = 'an object with left, top, right and bottom, or a text "left,top,right,bottom"';
const decimal = String.raw`\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*`;

const roiTextSchema = v.pipe(
  v.string(roiForms),
  v.regex(
    new RegExp(`^${Array(4).fill(decimal).join(',')}$`),
    'four numbers "left,top,right,bottom", such as "0,0,640,480"',
  ),
  v.description('`left,top,right,bottom`.'),
  v.transform((text) => {
    const [left, top, right, bottom] = text.split(',').map(Number) as [number, number, number, number];
    return { left, top, right, bottom };
  }),
);

export const roiSchema = v.pipe(
  object(
    {
      left: pixels('First column.'),
      top: pixels('First row.'),
      right: pixels('The column after the last one.'),
      bottom: pixels('The row after the last one.'),
    },
    roiForms,
  ),
  v.title('Roi'),
  v.description(
    'Region of interest in pixels of the upright picture. It may reach outside the picture: only the common part is looked at. Default: the whole picture.',
  ),
);

/** Names in one list of attributes at most: each may come back with the values of every face. */
const mostAttributes = 32;

export const requestSchema = v.pipe(
  object(
    {
      image: v.pipe(
        v.string('a string'),
        v.description(
          'The picture: `multipart:<part>` for a part of this body, an `http:` or `https:` URL, or a base64 `data:` URL. Recognised by content, whatever its name says.',
        ),
        v.examples(['multipart:sample', 'https://example.com/sample.jpg']),
      ),
      roi: v.optional(v.union([roiSchema, roiTextSchema], roiForms)),
      detector: v.optional(
        v.pipe(
          v.string('the name of a detector'),
          v.description(
            '`nnd` is the accurate detector, `legacy` the fast one; `prenormalized` detects nothing and takes the picture as a normalised face. The names of later versions are known: `face`, `cheetah`, `retina` and `jasmine` are `nnd`, `normalized` is `prenormalized`.',
          ),
          v.examples(['nnd', 'legacy', 'prenormalized', 'face']),
        ),
        'nnd',
      ),
      attributes: v.optional(
        v.pipe(
          v.array(v.string('the name of an attribute'), 'a list of names of attributes'),
          v.maxLength(mostAttributes, `at most ${mostAttributes} names`),
          v.description(
            'The same as the flags, by name: `face_emben` (or `facen`, `face`), `face_gender`, `face_age`, `face_emotions`, `face_quality`, `face_headpose`, `face_landmarks`, `normalized`, each with or without `face_`. What phiz has no network for is left out, with a warning.',
          ),
          v.examples([['face_emben', 'face_age', 'face_gender']]),
        ),
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
      order: v.optional(
        v.pipe(
          v.picklist(facesOrders, `one of ${facesOrders.join(', ')}`),
          v.description(
            'Which face comes first: the most certain or the largest. Default: `faces_order` of the configuration.',
          ),
        ),
      ),
      max_faces: v.optional(
        v.pipe(
          v.number('a whole number of at least 1'),
          v.integer('a whole number of at least 1'),
          v.minValue(1, 'a whole number of at least 1'),
          v.description('Only so many faces, the first in that order. Default: all.'),
        ),
      ),
      min_size: v.optional(
        v.pipe(
          v.number('a number of pixels'),
          v.minValue(0, 'a number of at least 0 pixels'),
          v.description('Only faces whose box has a longer side of at least so many pixels. Default: all.'),
        ),
      ),
      min_score: v.optional(
        v.pipe(
          v.number('a number from 0 to 1'),
          v.minValue(0, 'a number from 0 to 1'),
          v.maxValue(1, 'a number from 0 to 1'),
          v.description(
            "Only faces of which the detector is at least so sure. Default: the detector's own threshold, below which it finds none.",
          ),
        ),
      ),
    },
    'an object',
  ),
  v.title('Request'),
  v.description(
    'What to look for in one picture. A key that is null counts as left out; an unknown one is left out with a warning.',
  ),
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

/** A call, and what of it nothing was made of: a sentence each. */
export interface ParsedCall {
  readonly call: Call;
  readonly warnings: readonly string[];
}

/** Warnings in an answer at most. */
const mostWarnings = 16;

/** Characters of an unknown name that a warning repeats. */
const shownCharacters = 60;

/**
 * Checks a parsed body.
 * @throws PhizError BAD_REQUEST, which names the path, e.g. `requests[2].roi.left: expected a number`.
 */
export function parseCall(value: unknown, maxRequests: number): ParsedCall {
  // Counted first: a list of a million entries is not worth looking at one by one.
  const count = (value as { requests?: { length?: unknown } } | null)?.requests?.length;
  if (typeof count === 'number' && count > maxRequests) {
    throw new PhizError('BAD_REQUEST', `requests: expected at most ${maxRequests} entries, got ${count}`);
  }
  const given = withoutNulls(value);
  const result = v.safeParse(callSchema, given, { abortEarly: true });
  if (result.success) return { call: result.output, warnings: warningsOf(given, result.output) };
  const { path, message } = complaintOf(result.issues[0]);
  const where = pathText(path);
  throw new PhizError('BAD_REQUEST', `${where && `${where}: `}expected ${message}`);
}

/** The path of a fault and its message; of a union, those of the option that fits further than its first look. */
function complaintOf(issue: v.BaseIssue<unknown>): { path: Path; message: string } {
  const places = issue.path?.filter((place) => !isKeyOfList(place)) ?? [];
  const path = places.map(({ key }) => key as string | number);
  const further = issue.issues?.find((inner) => inner.path || inner.kind === 'validation');
  if (!further) return { path, message: issue.message };
  const inner = complaintOf(further);
  return { path: [...path, ...inner.path], message: inner.message };
}

function warningsOf(given: unknown, { requests }: Call): string[] {
  const warnings: string[] = [];
  for (const warning of eachWarning(given, requests)) {
    if (warnings.push(warning) === mostWarnings) break;
  }
  return warnings;
}

function* eachWarning(given: unknown, requests: readonly FaceRequest[]): Generator<string> {
  let known: readonly string[] | undefined;
  for (const path of unknownKeys(given, callSchema)) {
    known ??= keysOf(callSchema);
    const parent = path.filter((key) => typeof key === 'string').slice(0, -1);
    const near = nearest([...parent, path.at(-1)].join('.'), known);
    // Beside it, its name is enough.
    const prefix = parent.map((key) => `${key}.`).join('');
    const beside = near?.startsWith(prefix) && !near.slice(prefix.length).includes('.');
    yield `${pathText(path)}: unknown${near ? `, did you mean ${beside ? near.slice(prefix.length) : near}?` : ''}`;
  }
  for (const [index, { attributes = [] }] of requests.entries()) {
    for (const [at, name] of attributes.entries()) {
      const named = namedAttribute(name);
      if (named.attribute) continue;
      yield `${pathText(['requests', index, 'attributes', at])}: ${shortened(name)}: ${named.problem}`;
    }
  }
}

/** `requests[2].roi.left` */
function pathText(path: Path): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${shortened(key)}`))
    .join('')
    .replace(/^\./, '');
}

const shortened = (text: string) =>
  text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
