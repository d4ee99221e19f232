import * as v from 'valibot';
import { ConfigError } from './config-error.ts';
import { entriesOf, keysOf, type Path, schemaAt, unknownKeys } from './known-keys.ts';
import { nearest } from './nearest.ts';
import { type ConfigFile, readValue, readYaml, type Source } from './read-yaml.ts';
import { type Config, configSchema, sectionForm } from './schema.ts';
import { getIn, isSection, merged, setIn } from './sections.ts';
import { Misread, type Translated, translate, vendorKeys, vendorSections } from './vendor.ts';

export { ConfigError } from './config-error.ts';
export type { ConfigFile } from './read-yaml.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** One line each, for the log: keys that mean nothing here, and what those of other versions stand for. */
  readonly warnings: readonly string[];
  /** Where a dotted key was set, for messages: `phiz.ini:7: models.facen`. */
  where(key: string): string;
}

/** Keys that were set outside of the file: texts by dotted key, read like values in the file. */
export type Overrides = Readonly<Record<string, string>>;

/** The configuration without a file. */
export const defaultConfig = (): Config => loadConfig().config;

/**
 * Reads a configuration file, of ours or of the vendor's versions; the environment wins over it, and
 * command-line flags over both.
 *
 * @param flags e.g. `{ 'fetch.timeout': '5s' }`
 * @throws ConfigError
 */
export function loadConfig(
  file?: ConfigFile,
  flags: Overrides = {},
  environment: Overrides = {},
): LoadedConfig {
  const name = file?.name ?? 'defaults';
  const layers = [
    readLayer(readYaml(file ?? { name, text: '' })),
    readLayer(readSettings(environment, variableOf)),
    readLayer(readSettings(flags, flagOf)),
  ];
  const locate = (key: string): string => {
    const path = key.split('.');
    const layer = layers.findLast(({ values }) => getIn(values, path) !== undefined) ?? layers[0]!;
    const origin = layer.origins.get(key) ?? path;
    return layer.where(origin);
  };

  const values = layers.reduce((under, over) => merged(under, over.values), {} as Source['values']);
  readSwitches(values);
  const result = v.safeParse(configSchema, values, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const key = issue.path?.map((step) => String(step.key)).join('.');
    throw new ConfigError(`${key ? locate(key) : (file?.name ?? 'flags')}: expected ${issue.message}`);
  }
  return { config: result.output, warnings: layers.flatMap(warningsOf), where: locate };
}

/** Words for true and false of YAML 1.1, by which the vendor's files are read. */
const switchWords: Readonly<Record<string, boolean>> = { yes: true, on: true, no: false, off: false };

/** Turns such words into what they mean, where true or false belongs. */
function readSwitches(values: Source['values']): void {
  for (const path of keysOf(configSchema).map((key) => key.split('.'))) {
    const word = getIn(values, path);
    if (typeof word !== 'string' || schemaAt(configSchema, path)?.type !== 'boolean') continue;
    const meant = switchWords[word.toLowerCase()];
    if (meant !== undefined) setIn(values, path, meant);
  }
}

/** The variable of the environment for a key: `CFG_FETCH_TIMEOUT`. */
export const variableOf = (key: string) => `CFG_${key.replaceAll('.', '_').toUpperCase()}`;

/** The flag that sets a key on the command line. */
const flagOf = (key: string) => (key === 'listen' ? '--listen' : `--set ${key}`);

/** A source in our words. */
interface Layer extends Translated {
  /** For messages: `phiz.ini:7: models.facen`. */
  where(path: Path): string;
  /** For messages about all of it. */
  readonly name: string;
}

/** Keys that have keys below them: ours, and the vendor's. */
const sections: readonly Path[] = [
  ...keysOf(configSchema)
    .map((key) => key.split('.'))
    .filter((path) => entriesOf(schemaAt(configSchema, path)!)),
  ...vendorSections,
];

/** @throws ConfigError */
function readLayer(source: Source): Layer {
  // Of each layer, for one may hide what another has; and the schema takes a list for an object.
  for (const path of sections) {
    const value = getIn(source.values, path);
    if (value !== undefined && !isSection(value))
      throw new ConfigError(`${source.where(path)}: expected ${sectionForm}`);
  }
  try {
    return { ...translate(source.values), where: source.where, name: source.name };
  } catch (error) {
    if (error instanceof Misread)
      throw new ConfigError(`${source.where(error.path)}: expected ${error.message}`);
    throw error;
  }
}

/**
 * @param nameOf how a person set a key
 * @throws ConfigError
 */
function readSettings(settings: Overrides, nameOf: (key: string) => string): Source {
  const values: Source['values'] = {};
  for (const [key, text] of Object.entries(settings))
    setIn(values, key.split('.'), readValue(text, nameOf(key)));
  const keys = Object.keys(settings);
  return {
    values,
    name: keys.map(nameOf).join(', '),
    where(path) {
      const dotted = path.join('.');
      return nameOf(keys.find((key) => dotted === key || dotted.startsWith(`${key}.`)) ?? dotted);
    },
  };
}

function warningsOf({ values, meanings, unneeded, missing, where, name }: Layer): string[] {
  const known = [...keysOf(configSchema), ...vendorKeys.filter((key) => !key.includes('*'))];
  // In a section that only the vendor has, the key is unknown and not the section.
  const inside = (path: Path, value: unknown): Path[] =>
    isSection(value) && vendorKeys.some((key) => key.startsWith(`${path.join('.')}.`))
      ? Object.entries(value).flatMap(([key, inner]) => inside([...path, key], inner))
      : [path];
  const paths = [...unknownKeys(values, configSchema)].flatMap((path) => inside(path, getIn(values, path)));
  const unknown = paths.map((path) => {
    const near = nearest(path.join('.'), known);
    return `${where(path)}: unknown key, ignored${near ? `; did you mean ${near}?` : ''}`;
  });
  return [
    ...(meanings.length > 0 ? [`${name}: of another version, taken so: ${meanings.join('; ')}`] : []),
    ...(unneeded.length > 0
      ? [`${name}: not needed here: ${unneeded.map((path) => path.join('.')).join(', ')}`]
      : []),
    ...missing.map((path) => `${where(path)}: phiz has no network for it; who asks for it is told so`),
    ...unknown,
  ];
}
