import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import { ConfigError } from './config-error.ts';
import { type Path, withoutNulls } from './known-keys.ts';

/** A configuration file, already read. */
export interface ConfigFile {
  /** As it is to appear in messages. */
  readonly name: string;
  readonly text: string;
}

/** Values by keys, and where each is set. */
export interface Source {
  readonly values: Record<string, unknown>;
  /** For messages about all of it. */
  readonly name: string;
  /** For messages: `phiz.ini:7: models.facen`. */
  where(path: Path): string;
}

/**
 * The keys and values of a file.
 * @throws ConfigError with one line: file, line, key, what was expected.
 */
export function readYaml({ name, text }: ConfigFile): Source {
  const lines = new LineCounter();
  // As the vendor's files are read: with merge keys.
  const document = parseDocument(text, { ...yamlOptions, lineCounter: lines, merge: true });
  const lineAt = (offset: number) => `${name}:${lines.linePos(offset).line}`;
  const mistake = (offset: number, expected: string) => {
    // Past the indentation, of which some mistakes tell.
    const key = keyAt(document, lines, offset + text.slice(offset).search(/[^ \t]|$/));
    return new ConfigError(`${lineAt(offset)}: ${key && `${key}: `}expected ${expected}`);
  };

  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS') throw mistake(error.pos[0], 'one document, got another after ---');
  if (error) throw mistake(error.pos[0], `YAML: ${oneLine(error.message)}${quoteHint(text, error.pos[0])}`);
  const { contents } = document;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null)) {
    throw mistake(contents.range[0], 'keys and values, e.g. "allow_cors: true"');
  }
  const tag = unknownTag(document, text);
  if (tag) throw mistake(tag.offset, tag.expected);
  visit(document, {
    Pair(_, { key }) {
      if (!isNode(key) || !isCollection(isAlias(key) ? key.resolve(document) : key)) return;
      throw mistake(key.range?.[0] ?? 0, 'a name for a key, got a list, or keys and values');
    },
    Alias(_, alias, ancestors) {
      const target = alias.resolve(document);
      if (target && !ancestors.includes(target)) return;
      if (target)
        throw mistake(alias.range?.[0] ?? 0, `a value, got *${alias.source}, which it is a part of`);
      throw mistake(
        alias.range?.[0] ?? 0,
        `a value, got *${alias.source}, an alias of nothing: a text that begins with * is put in quotes`,
      );
    },
  });
  let values: unknown;
  try {
    values = document.toJS() ?? {};
  } catch (cause) {
    // Aliases of aliases that would fill memory.
    throw new ConfigError(`${name}: expected YAML: ${oneLine((cause as Error).message)}`, { cause });
  }
  return {
    values: withoutNulls(values) as Source['values'],
    name,
    where: (path) => `${lineAt(offsetOf(document, path))}: ${path.join('.')}`,
  };
}

/** `!!set` and the like make no values of ours. */
const yamlOptions = { prettyErrors: false, resolveKnownTags: false } as const;

/** The first tag that means nothing: YAML then has the value without it. */
function unknownTag(document: Document, text: string): { offset: number; expected: string } | undefined {
  const warning = document.warnings.find(({ code }) => code === 'TAG_RESOLVE_FAILED');
  if (!warning) return undefined;
  const [offset, end] = warning.pos;
  const tag = text.slice(offset, end);
  return { offset, expected: `a value, got the tag ${tag}: a text that begins with ! is put in quotes` };
}

/**
 * A value as YAML has it, of a source without lines; what is none is a text, e.g. `[::1]:80`.
 * @param where for messages
 * @throws ConfigError
 */
export function readValue(text: string, where: string): unknown {
  const document = parseDocument(text, { ...yamlOptions, logLevel: 'error' });
  if (document.errors.length > 0) return text;
  const tag = unknownTag(document, text);
  if (tag) throw new ConfigError(`${where}: expected ${tag.expected}`);
  try {
    return document.toJS() ?? text;
  } catch {
    return text;
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** A hint for an error, where a value begins with a character that YAML has another use for; else empty. */
function quoteHint(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0]!;
  return /^\s*(-|[^:#]+:)\s+([*&!%@`]|\[[\da-f]*:)/i.test(line)
    ? '; a text that begins so is put in quotes'
    : '';
}

/** A key as the file has it: that of a merge is a symbol. */
const nameOf = ({ value }: Scalar) => (typeof value === 'symbol' ? '<<' : String(value));

/** The dotted key that starts at an offset, or before it and reaches to its line; '' where there is none. */
function keyAt(document: Document, lines: LineCounter, offset: number): string {
  const { line } = lines.linePos(offset);
  let found = '';
  visit(document, (_, node, ancestors) => {
    if (!isPair(node) || !isScalar(node.key) || !node.key.range) return;
    if (node.key.range[0] > offset || !covers(node, line)) return;
    const above = ancestors.filter(isPair).map(({ key }) => (isScalar(key) ? nameOf(key) : '?'));
    found = [...above, nameOf(node.key)].join('.');
  });
  return found;

  /** True where a pair reaches to a line, as far as it was understood. */
  function covers({ key, value }: { key: unknown; value: unknown }, at: number): boolean {
    const end = endOf(value) ?? endOf(key) ?? 0;
    return lines.linePos(end).line >= at;
  }
  function endOf(node: unknown): number | undefined {
    return isNode(node) ? (node as Node).range?.[1] : undefined;
  }
}

/** Where the value at `path` starts, or the nearest thing around it that the file has. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
