import * as v from 'valibot';
import { logLevels } from '../log.ts';
import { facesOrders } from '../pipeline/extraction.ts';

/**
 * The configuration file: the single source of its types, its validation and the list of known
 * keys. Each message says what was expected; all keys are optional.
 */

const flag = (preset: boolean) => v.optional(v.boolean('true or false'), preset);

function count(min: number, max: number, preset: number) {
  const expected = `a whole number from ${min} to ${max}`;
  return v.optional(
    v.pipe(v.number(expected), v.integer(expected), v.minValue(min, expected), v.maxValue(max, expected)),
    preset,
  );
}

/** A duration such as `500ms`, `10s` or `1m30s`, in milliseconds; at most a day. */
function duration(preset: string) {
  const expected = 'a duration from 1ms to 24h, such as 500ms, 10s or 1m30s';
  return v.optional(
    v.pipe(
      v.string(expected),
      v.regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, expected),
      v.transform(toMilliseconds),
      v.minValue(1, expected),
      v.maxValue(86_400_000, expected),
    ),
    preset,
  );
}

function toMilliseconds(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const terms = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return terms.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
}

const addressForm = 'an address such as 127.0.0.1:18666, [::1]:18666 or :18666';

/** `host:port`; `:port` is every interface. */
const addressSchema = v.pipe(
  v.string(addressForm),
  v.regex(/^(\[[\da-fA-F:.]+\]|[\w.-]*):\d{1,5}$/, addressForm),
  v.transform((text) => {
    const colon = text.lastIndexOf(':');
    const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
    return { host: host || '0.0.0.0', port: Number(text.slice(colon + 1)) };
  }),
  v.check(({ port }) => port <= 65_535, addressForm),
);

const faceSize = v.pipe(v.number('a number of pixels'), v.minValue(1, 'a number of at least 1 pixel'));
const model = v.optional(v.string("the id of a network, the path of a manifest, or '' for none"), 'default');
/** One of them, or several of which the mean is taken. */
const oneOrSeveral = "the id of a network, the path of a manifest, '' for none, or a list of ids and paths";
const modelOrList = v.optional(
  v.union(
    [v.string(), v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(oneOrSeveral))), v.nonEmpty(oneOrSeveral))],
    oneOrSeveral,
  ),
  'default',
);
const section = 'keys and values';
export const facenScales = ['findface', 'native'] as const;
const openable = ['metrics', 'docs'] as const;

export const configSchema = v.pipe(
  v.object(
    {
      listen: v.optional(addressSchema, '127.0.0.1:18666'),
      /** Accepted and unused: there is no licence server here. */
      license_ntls_server: v.optional(v.string('an address')),
      allow_cors: flag(false),
      quality_estimator: v.optional(v.boolean('true or false')),
      /** 0: as many as CPU cores. */
      model_instances: count(0, 1_024, 0),
      /** Pixels on the longest side of a picture. */
      max_dimension: count(16, 65_500, 16_384),
      /** Pixels of a picture in all. */
      max_pixels: count(1, 4_290_250_000, 100_000_000),
      exif_orientation: flag(true),
      /** Whether a picture that is cut off or damaged is looked at, if at least half of it is there. */
      partial_images: flag(true),
      fetch: v.optional(
        v.object(
          {
            enabled: flag(true),
            size_limit: count(1, 1_073_741_824, 10_485_760),
            timeout: duration('10s'),
            allow_private_networks: flag(false),
          },
          section,
        ),
        {},
      ),
      nnd: v.optional(
        v.object(
          {
            min_face_size: v.optional(faceSize),
            max_face_size: v.optional(faceSize),
            quality_estimator: v.optional(v.boolean('true or false')),
            /** Further names that requests may have for it. */
            aliases: v.optional(v.array(v.string('a name'), 'a list of names'), []),
            options: v.optional(
              v.object({ min_face_size: v.optional(faceSize), max_face_size: v.optional(faceSize) }, section),
              {},
            ),
          },
          section,
        ),
        {},
      ),
      models: v.optional(
        v.object(
          {
            detector: model,
            legacy_detector: model,
            facen: model,
            gender: model,
            age: model,
            emotions: modelOrList,
          },
          section,
        ),
        {},
      ),
      /** Which face comes first, unless a request says so: the most certain, or the largest. */
      faces_order: v.optional(v.picklist(facesOrders, `one of ${facesOrders.join(', ')}`), 'confidence'),
      /** Whether facens are moved to the scale that clients of FindFace compare on. */
      facen_scale: v.optional(v.picklist(facenScales, `one of ${facenScales.join(', ')}`), 'findface'),
      /** Milliseconds between log lines of throughput; 0: none. */
      ticker_interval: count(0, 86_400_000, 5_000),
      /** Least level of the events that are written. Calls are info, probes debug. */
      log_level: v.optional(v.picklist(logLevels, `one of ${logLevels.join(', ')}`), 'info'),
      limits: v.optional(
        v.object(
          {
            body_size: count(1, 1_073_741_824, 67_108_864),
            /** Bytes of a call's JSON, less the `data:` URLs in it. */
            json_size: count(1, 1_073_741_824, 1_048_576),
            requests: count(1, 100_000, 256),
            queue: count(0, 1_000_000, 64),
            timeout: duration('30s'),
          },
          section,
        ),
        {},
      ),
      auth: v.optional(
        v.object(
          {
            keys: v.optional(
              v.array(v.pipe(v.string('a key'), v.regex(/^\S+$/, 'a key without spaces')), 'a list of keys'),
              [],
            ),
            /** What needs no key nevertheless. */
            open: v.optional(
              v.array(
                v.picklist(openable, `one of ${openable.join(', ')}`),
                `a list of ${openable.join(', ')}`,
              ),
              [],
            ),
          },
          section,
        ),
        {},
      ),
      /** Names besides loopback's that calls may be addressed to while anybody on loopback may call. */
      allowed_hosts: v.optional(v.array(v.string('the name of a host'), 'a list of host names'), []),
    },
    section,
  ),
  v.transform(({ license_ntls_server: _, nnd, ...config }) => ({
    ...config,
    quality_estimator: config.quality_estimator ?? nnd.quality_estimator ?? false,
    nnd: {
      aliases: nnd.aliases,
      min_face_size: nnd.min_face_size ?? nnd.options.min_face_size ?? 30,
      max_face_size: nnd.max_face_size ?? nnd.options.max_face_size ?? Number.POSITIVE_INFINITY,
    },
  })),
  v.check(
    ({ nnd }) => nnd.min_face_size <= nnd.max_face_size,
    'nnd.min_face_size to be at most nnd.max_face_size',
  ),
);

/** The configuration, every default filled in. Durations are in milliseconds. */
export type Config = v.InferOutput<typeof configSchema>;
