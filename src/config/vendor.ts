import type { AttributeName } from '../face/face.ts';
import type { Path } from './known-keys.ts';
import { isSection, merged, remove, type Sections, setIn } from './sections.ts';
import { isBuiltInDetector, isOtherObject, namedAttribute, vendorAttributes } from './vocabulary.ts';

/**
 * Configuration files of the vendor's versions, in our words. The networks that they name are the
 * vendor's: such a name switches an attribute on, with the network that is phiz's default.
 */

/** A vendor's file in phiz' own keys. */
export interface Translated {
  readonly values: Sections;
  /** The path in the file of each of our dotted keys. */
  readonly origins: ReadonlyMap<string, Path>;
  /** Translations that a reader should know of, a phrase each. */
  readonly meanings: readonly string[];
  /** Keys that mean nothing here. */
  readonly unneeded: readonly Path[];
  /** Keys that ask for something phiz does not have. */
  readonly missing: readonly Path[];
}

/** A value of the vendor's file that has not its form. The message names the form. */
export class Misread extends Error {
  override readonly name = 'Misread';
  readonly path: Path;

  constructor(path: Path, expected: string) {
    super(expected);
    this.path = path;
  }
}

/** Keys of the vendor's for one of ours. */
interface Moved {
  /** Dotted; `*` is any name. */
  readonly from: readonly string[];
  readonly to: string;
  /** Which number holds where there are several. */
  readonly choose?: 'largest' | 'least';
}

export const movedKeys: readonly Moved[] = [
  {
    from: ['models.model_instances', 'extractors.instances', 'detectors.instances', 'detector_instances'],
    to: 'model_instances',
    choose: 'largest',
  },
  { from: ['nnd.quality_estimator', 'detectors.quality_estimator'], to: 'quality_estimator' },
  {
    from: ['nnd.options.min_face_size', 'detectors.models.*.options.min_object_size'],
    to: 'nnd.min_face_size',
    choose: 'least',
  },
  {
    from: ['nnd.options.max_face_size', 'detectors.models.*.options.max_object_size'],
    to: 'nnd.max_face_size',
    choose: 'largest',
  },
];

/** Keys of the vendor that are known and not needed, with all below them. */
export const unneededKeys: readonly string[] = [
  'license_ntls_server',
  'dlib',
  'normalizers',
  // For all, or for the networks of one section.
  ...['gpu_device', 'cache_dir', 'models_root', 'max_batch_size'].flatMap((key) =>
    ['', 'detectors.', 'extractors.'].map((section) => section + key),
  ),
  'models.root',
  'detectors.models.*.model',
  'detectors.models.*.options',
  'nnd.model',
  'nnd.quality_estimator_model',
  'nnd.options.scale_factor',
  'nnd.options.p_net_thresh',
  'nnd.options.r_net_thresh',
  'nnd.options.o_net_thresh',
  'nnd.options.p_net_max_results',
  'prometheus',
  'debug',
];

/** Every dotted key of the vendor's versions that is not one of ours. */
export const vendorKeys: readonly string[] = [
  ...movedKeys.flatMap(({ from }) => from),
  ...unneededKeys,
  ...['models', 'extractors.models'].flatMap((section) =>
    vendorAttributes.map((name) => `${section}.${name}`),
  ),
];

/** Those above them that have no value of their own. */
export const vendorSections: readonly Path[] = [
  ['detectors'],
  ['detectors', 'models'],
  ['extractors'],
  ['extractors', 'models'],
  ['nnd', 'options'],
];

/** The key of `models` for each attribute that has one. */
const modelKeys: Readonly<Partial<Record<AttributeName, string>>> = {
  embedding: 'facen',
  gender: 'gender',
  age: 'age',
  emotions: 'emotions',
  headPose: 'headpose',
  quality: 'quality',
};

/** `elderberry_576`, `face/ifruit_320.cpu.fnk`, `age.v1` */
const vendorNetwork = /\.fnk$|[._]v\d+(\.[cg]pu)?$|^(face\/)?[a-z]+(_[a-z]+)*_\d{2,4}(\.[cg]pu)?$/;

/** A file on its way into our words. */
interface Reading {
  /** The part of the file that no reader has taken yet. */
  readonly rest: Sections;
  readonly values: Sections;
  readonly origins: Map<string, Path>;
  readonly meanings: string[];
  readonly unneeded: Path[];
  readonly missing: Path[];
}

/** @param given has sections where {@link vendorSections} are, or nothing @throws Misread */
export function translate(given: Sections): Translated {
  const reading: Reading = {
    rest: structuredClone(given),
    values: {},
    origins: new Map(),
    meanings: [],
    unneeded: [],
    missing: [],
  };
  readDetectors(reading);
  readMoved(reading);
  readNetworks(reading);
  readUnneeded(reading);
  return { ...reading, values: merged(reading.rest, reading.values) };
}

/** The detectors of faces are `nnd`, those of other objects are none. */
function readDetectors(reading: Reading): void {
  const { rest, meanings, unneeded, missing } = reading;
  const aliases: string[] = [];
  let ofFaces = 0;
  let running = 0;
  for (const { path, value } of matches(rest, ['detectors', 'models', '*'])) {
    const { model, names } = detectorEntry(path, value);
    const off = model === '';
    const ofOthers = [...names, (model ?? '').split('/', 1)[0]!].some(isOtherObject);
    if (!ofOthers) ofFaces++;
    if (off || ofOthers) {
      (off ? unneeded : missing).push(path);
      remove(rest, path);
      continue;
    }
    running++;
    meanings.push(`${path.join('.')} (${names.join(', ')}) is nnd`);
    aliases.push(...names.filter((name) => !isBuiltInDetector(name)));
    remove(rest, typeof value === 'string' ? path : [...path, 'aliases']);
  }
  const own = matches(rest, ['nnd', 'aliases']).flatMap(({ value }) => value as string);
  if (aliases.length > 0)
    put(reading, 'nnd.aliases', [...new Set([...own, ...aliases])], ['detectors', 'models']);
  if (ofFaces > 0 && running === 0) {
    put(reading, 'models.detector', '', ['detectors', 'models']);
    meanings.push("detectors.models with none that runs is models.detector: ''");
  }
}

/** @returns a model of '' where the detector is off, of undefined where none is named */
function detectorEntry(path: Path, value: unknown): { model: string | undefined; names: string[] } {
  const name = String(path.at(-1));
  if (typeof value === 'string') return { model: value, names: [name] };
  const { model, aliases = [] } = objectAt(path, value, "the name of a network, '' or keys and values");
  if (model !== undefined && typeof model !== 'string')
    throw new Misread([...path, 'model'], 'the name of a network');
  if (!Array.isArray(aliases) || aliases.some((alias) => typeof alias !== 'string')) {
    throw new Misread([...path, 'aliases'], 'a list of names');
  }
  return { model, names: [name, ...aliases.filter((alias) => alias !== name)] };
}

/** Takes keys that later versions moved, where the present place is empty; of instances the largest number. */
function readMoved(reading: Reading): void {
  for (const { from, to, choose } of movedKeys) {
    const found = from.flatMap((pattern) => matches(reading.rest, pattern.split('.')));
    if (found.length === 0) continue;
    const own = matches(reading.rest, to.split('.'));
    const candidates = to === 'model_instances' ? [...own, ...found] : own.length > 0 ? own : found;
    const { value, path } = holding(candidates, choose);
    for (const each of [...own, ...found]) remove(reading.rest, each.path);
    put(reading, to, value, path);
    reading.meanings.push(`${found.map((each) => each.path.join('.')).join(', ')} is ${to}`);
  }
  if (reading.rest.debug === true && reading.rest.log_level === undefined) {
    put(reading, 'log_level', 'debug', ['debug']);
    reading.meanings.push('debug is log_level: debug');
    remove(reading.rest, ['debug']);
  }
}

/** The first where it is not about numbers, or where one is none: that is complained of then. */
function holding(candidates: readonly Found[], choose: Moved['choose']): Found {
  const odd = candidates.find(({ value }) => typeof value !== 'number');
  if (odd) return odd;
  const rising = candidates.toSorted((one, other) => (one.value as number) - (other.value as number));
  return rising.at(choose === 'largest' ? -1 : 0)!;
}

/** The network of each attribute. */
function readNetworks(reading: Reading): void {
  const { rest, meanings, unneeded, missing } = reading;
  const places = [
    ['models', '*'],
    ['extractors', 'models', '*'],
  ];
  for (const { path, value } of places.flatMap((pattern) => matches(rest, pattern))) {
    const name = String(path.at(-1));
    const named = namedAttribute(name);
    const key = named.attribute && modelKeys[named.attribute];
    if (!(key || named.known) || (path.join('.') === `models.${key}` && isOurs(value))) continue;
    const network = networkIn(path, value);
    remove(rest, path);
    if (key) {
      put(reading, `models.${key}`, network && 'default', path);
      meanings.push(`${path.join('.')} ${network || "''"} is models.${key}: ${network ? 'default' : "''"}`);
    } else {
      (network ? missing : unneeded).push(path);
    }
  }
}

/** True for a network that is not named as the vendor names networks. */
function isOurs(value: unknown): boolean {
  return typeof value === 'string' ? !vendorNetwork.test(value) : !isSection(value);
}

/** The first network that is named in `name`, `{model: name}` or `{variant: {model: name}, …}`; '' for none. */
function networkIn(path: Path, value: unknown): string {
  if (typeof value === 'string') return value;
  const entry = objectAt(path, value, "the name of a network, '' or {model: name}");
  if ('model' in entry) return networkIn([...path, 'model'], entry.model);
  const names = Object.entries(entry).map(([variant, inner]) => networkIn([...path, variant], inner));
  return names.find((name) => name !== '') ?? '';
}

function readUnneeded({ rest, unneeded }: Reading): void {
  for (const pattern of unneededKeys) {
    for (const { path } of matches(rest, pattern.split('.'))) {
      unneeded.push(path);
      remove(rest, path);
    }
  }
}

function put({ values, origins }: Reading, key: string, value: unknown, origin: Path): void {
  setIn(values, key.split('.'), value);
  origins.set(key, origin);
}

interface Found {
  readonly path: Path;
  readonly value: unknown;
}

/** The values whose path fits a pattern; `*` is any key. */
function matches(values: unknown, pattern: Path, path: Path = []): Found[] {
  const [key, ...rest] = pattern;
  if (key === undefined) return [{ path, value: values }];
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return [];
  const entries = Object.entries(values).filter(([name]) => key === '*' || name === key);
  return entries.flatMap(([name, inner]) => matches(inner, rest, [...path, name]));
}

function objectAt(path: Path, value: unknown, expected: string): Sections {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Misread(path, expected);
  return value as Sections;
}
