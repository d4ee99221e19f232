import * as v from 'valibot';
import { type Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument } from 'yaml';
import { keysOf, unknownKeys, withoutNulls } from './known-keys.ts';
import { nearest } from './nearest.ts';
import { type Config, configSchema } from './schema.ts';

/** A mistake that stops the start. The message is one line: where, which key, what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A configuration file, already read. */
export interface ConfigFile {
  /** As it is to appear in messages. */
  readonly name: string;
  readonly text: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** One line each, for the log: keys that mean nothing here. */
  readonly warnings: readonly string[];
  /** Where a dotted key was set, for messages: `phiz.ini:7: models.facen`. */
  where(key: string): string;
}

/** What holds without a file. */
export const defaultConfig = (): Config => loadConfig().config;

/**
 * Reads a configuration file and lets command-line flags win over it.
 * @param flags texts by dotted key, e.g. `{ 'fetch.timeout': '5s' }`, read like values in the file.
 * @throws ConfigError
 */
export function loadConfig(file?: ConfigFile, flags: Readonly<Record<string, string>> = {}): LoadedConfig {
  const { values, lineOf } = readFile(file ?? { name: 'defaults', text: '' });
  for (const [key, text] of Object.entries(flags)) setIn(values, key.split('.'), readFlag(key, text));
  const locate = (key: string) => (key in flags ? `--${key}` : `${lineOf(key.split('.'))}: ${key}`);

  const result = v.safeParse(configSchema, values, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const key = issue.path?.map((step) => String(step.key)).join('.');
    throw new ConfigError(`${key ? locate(key) : (file?.name ?? 'flags')}: expected ${issue.message}`);
  }
  const known = keysOf(configSchema);
  const warnings = [...unknownKeys(values, configSchema)].map((path) => {
    const key = path.join('.');
    const near = nearest(key, known);
    return `${locate(key)}: unknown key, ignored${near ? `; did you mean ${near}?` : ''}`;
  });
  return { config: result.output, warnings, where: locate };
}

type Values = Record<string, unknown>;

function readFile({ name, text }: ConfigFile): {
  values: Values;
  lineOf: (path: readonly string[]) => string;
} {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => `${name}:${lines.linePos(offset).line}`;
  const [error] = document.errors;
  if (error) throw new ConfigError(`${lineAt(error.pos[0])}: expected YAML: ${error.message}`);
  const { contents } = document;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null)) {
    throw new ConfigError(`${lineAt(contents.range[0])}: expected keys and values, e.g. "allow_cors: true"`);
  }
  return {
    values: withoutNulls(document.toJS() ?? {}) as Values,
    lineOf: (path) => lineAt(offsetOf(document, path)),
  };
}

/** Where the value at `path` starts, or the nearest thing around it that the file has. */
function offsetOf(document: Document, path: readonly string[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function readFlag(key: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new ConfigError(`--${key}: expected a YAML value, got ${JSON.stringify(text)}`, { cause });
  }
}

function setIn(values: Values, [key, ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    values[key!] = value;
    return;
  }
  const inner = values[key!];
  if (typeof inner !== 'object' || inner === null) values[key!] = {};
  setIn(values[key!] as Values, rest, value);
}
