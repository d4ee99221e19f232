import * as v from 'valibot';
import { logLevels } from '../log.ts';
import { facesOrders } from '../pipeline/extraction.ts';
import { facenScales } from '../pipeline/settings.ts';

/**
 * The configuration file: the single source of its types, its validation, the list of known keys, the
 * commented template and docs/configuration.md. Each message says what was expected, each description
 * what a key is for; all keys are optional.
 */

/** A key, with what holds without it, as the file would say that. */
function key<const Schema extends v.GenericSchema, const Preset extends v.InferInput<Schema>>(
  schema: Schema,
  preset: Preset,
  about: string,
) {
  return v.optional(v.pipe(schema, v.description<v.InferOutput<Schema>, string>(about)), preset);
}

/** Keys that belong together. */
function section<const Entries extends v.ObjectEntries>(about: string, entries: Entries) {
  return v.optional(v.pipe(v.object(entries, sectionForm), v.description(about)), {} as never);
}
/** The form of a section, and of the whole. */
export const sectionForm = 'keys and values';

const flag = v.boolean('true or false');

function count(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

const durationForm = 'a duration from 1ms to 24h, such as 500ms, 10s or 1m30s';

/** In milliseconds. */
const duration = v.pipe(
  v.string(durationForm),
  v.regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, durationForm),
  v.transform(toMilliseconds),
  v.minValue(1, durationForm),
  v.maxValue(86_400_000, durationForm),
);

function toMilliseconds(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const terms = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return terms.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
}

const addressForm =
  'an address such as 127.0.0.1:18666, [::1]:18666 or :18666, or a path such as unix:/run/phiz.sock';

/** `host:port`; `:port` and `*:port` are every interface. `unix:/path` is a socket among the files. */
const addressSchema = v.pipe(
  v.string(addressForm),
  v.regex(/^(?:unix:\/.+|(?:\[[\da-fA-F:.]+\]|\*|[\w.-]*):\d{1,5})$/, addressForm),
  v.transform((text) => {
    if (text.startsWith('unix:')) return { path: text.slice('unix:'.length) };
    const colon = text.lastIndexOf(':');
    const host = text.slice(0, colon).replace(/^\[|\]$|^\*$/g, '');
    return { host: host || '0.0.0.0', port: Number(text.slice(colon + 1)) };
  }),
  v.check((address) => 'path' in address || address.port <= 65_535, addressForm),
);

const faceSize = v.pipe(v.number('a number of pixels'), v.minValue(1, 'a number of at least 1 pixel'));
const model = v.string("the id of a network, the path of a manifest, or '' for none");
/** One of them, or several: the mean of their emotions, their vectors one after the other. */
const oneOrSeveral = "the id of a network, the path of a manifest, '' for none, or a list of ids and paths";
const modelOrList = v.union(
  [v.string(), v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(oneOrSeveral))), v.nonEmpty(oneOrSeveral))],
  oneOrSeveral,
);
/** Of what every set of networks can tell. */
const onOrOff = v.picklist(['default', ''], "default, or '' for none");
/** One of some names. */
const oneOf = <const Names extends readonly string[]>(names: Names) =>
  v.picklist(names, `one of ${names.join(', ')}`);
/** One that a client can send in a header whatever its encoding. */
const apiKey = v.pipe(
  v.string('a key that is a text: one of digits, or that begins with # or !, is put in quotes'),
  v.nonEmpty('a key, got an empty text: one that begins with a sign such as # or ! is put in quotes'),
  v.regex(/^[!-~]+$/, 'a key of ASCII letters, digits and signs, without spaces'),
);
const hostForm =
  'the name of a host in ASCII (xn--… for others), without scheme, port, path or wildcard; or * for every name';
/** One that a `Host` header may have: ASCII, as DNS has it. */
const hostName = v.pipe(
  v.string(hostForm),
  v.regex(/^(?:\*|\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)$/i, hostForm),
);
const openable = ['metrics', 'docs', 'ready'] as const;

export const configSchema = v.pipe(
  v.object(
    {
      listen: key(
        addressSchema,
        '127.0.0.1:18666',
        'Where the service listens. Without a host, on every interface: give it keys there.',
      ),
      allow_cors: key(flag, false, 'Whether pages of other origins may call the service.'),
      quality_estimator: key(
        flag,
        false,
        "Whether v1's `detection_score` is the quality score, and `auto_rotate` is to be had.",
      ),
      model_instances: key(
        count(0, 1_024),
        0,
        'How many sets of networks work side by side; 0: as many as there are CPU cores.',
      ),
      max_dimension: key(count(16, 65_500), 16_384, 'Pixels on the longest side of a picture.'),
      max_pixels: key(count(1, 4_290_250_000), 100_000_000, 'Pixels of a picture in all.'),
      exif_orientation: key(
        flag,
        true,
        'Whether pictures are turned upright as their EXIF orientation says.',
      ),
      partial_images: key(
        flag,
        true,
        'Whether a picture that is cut off or damaged is looked at, if at least half of it is there.',
      ),
      fetch: section('Pictures that are named by `http:` and `https:` URLs.', {
        enabled: key(flag, true, 'Whether they are fetched.'),
        size_limit: key(count(1, 1_073_741_824), 10_485_760, 'Bytes of one at most.'),
        timeout: key(duration, '10s', 'Time for one.'),
        allow_private_networks: key(
          flag,
          false,
          'Whether addresses are reached that are not public: loopback, private networks. Whoever may call the service can then look there.',
        ),
      }),
      nnd: section('The detector `nnd`.', {
        min_face_size: key(
          faceSize,
          30,
          'Longer side, in pixels, from which on faces are found for sure; no filter. It sets the cost: twice the size, about a quarter of the work.',
        ),
        max_face_size: key(faceSize, Number.POSITIVE_INFINITY, 'Up to which they are found for sure.'),
        aliases: key(
          v.array(v.string('a name'), 'a list of names'),
          [],
          'Further names that requests may have for it, besides `face`, `cheetah`, `retina` and `jasmine`.',
        ),
      }),
      models: section("The network of each role: `phiz models list` has their ids. '' switches it off.", {
        detector: key(model, 'default', 'That of `nnd`.'),
        legacy_detector: key(model, 'default', 'That of `legacy`.'),
        facen: key(modelOrList, 'default', 'That of feature vectors; those of several follow one another.'),
        gender: key(model, 'default', 'That of the gender.'),
        age: key(model, 'default', 'That of the age.'),
        emotions: key(modelOrList, 'default', 'That of the emotions; of several the mean is taken.'),
        headpose: key(onOrOff, 'default', 'Yaw, pitch and roll, from the landmarks.'),
        quality: key(
          onOrOff,
          'default',
          'The quality score where a request asks for it, from the landmarks; `quality_estimator` is apart.',
        ),
      }),
      faces_order: key(
        oneOf(facesOrders),
        'confidence',
        'Which face comes first, unless a request says so: the most certain, or the largest.',
      ),
      facen_scale: key(
        oneOf(facenScales),
        'findface',
        'Whether feature vectors are moved to the scale that clients of FindFace compare on, or are those of the network.',
      ),
      ticker_interval: key(
        count(0, 86_400_000),
        5_000,
        'Milliseconds between log lines of throughput; 0: none.',
      ),
      log_level: key(
        oneOf(logLevels),
        'info',
        'Least level of the events that are written. Calls are info, probes debug.',
      ),
      limits: section('What one call may bring, and how many may be here at a time.', {
        body_size: key(count(1, 1_073_741_824), 67_108_864, 'Bytes of a call.'),
        json_size: key(
          count(1, 1_073_741_824),
          1_048_576,
          "Bytes of a call's JSON, less the `data:` URLs in it.",
        ),
        requests: key(count(1, 100_000), 256, 'Requests of a call.'),
        queue: key(count(0, 1_000_000), 64, 'Calls that wait; more are refused with 503.'),
        timeout: key(duration, '30s', 'Time of a call from its first byte to its last.'),
      }),
      auth: section('Who may call.', {
        keys: key(
          v.array(apiKey, 'a list of keys of ASCII letters, digits and signs'),
          [],
          'With any, all but `/health` and the files of the page needs one: `Authorization: Bearer <key>`.',
        ),
        open: key(
          v.array(oneOf(openable), `a list of ${openable.join(', ')}`),
          [],
          'What needs no key nevertheless.',
        ),
      }),
      allowed_hosts: key(
        v.array(hostName, 'a list of host names, without port; * is every name'),
        [],
        "Names besides loopback's that the `Host` header may have while the service listens on loopback without keys.",
      ),
    },
    sectionForm,
  ),
  v.forward(
    v.check(({ nnd }) => nnd.min_face_size <= nnd.max_face_size, 'at most nnd.max_face_size'),
    ['nnd', 'min_face_size'],
  ),
);

/** The configuration, every default filled in. Durations are in milliseconds. */
export type Config = v.InferOutput<typeof configSchema>;
