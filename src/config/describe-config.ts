import * as v from 'valibot';
import { stringify } from 'yaml';
import { entriesOf } from './known-keys.ts';
import { configSchema } from './schema.ts';

/** The configuration's keys, for people: all from the schema that checks them. */

/** A key that has a value. */
interface DescribedKey {
  readonly key: string;
  /** As the file would have it. */
  readonly preset: unknown;
  /** The purpose of the key, a sentence. */
  readonly about: string;
  /** The form of its value. */
  readonly takes: string;
}

/** Keys that belong together; `name` is undefined for those that stand alone. */
interface DescribedSection {
  readonly name?: string;
  readonly about?: string;
  readonly keys: readonly DescribedKey[];
}

/** All keys: first those that stand alone, then each section. */
export function describedSections(): DescribedSection[] {
  const alone: DescribedKey[] = [];
  const sections: DescribedSection[] = [];
  for (const [name, schema] of Object.entries(entriesOf(configSchema)!)) {
    const entries = entriesOf(schema);
    if (!entries) alone.push(describedKey(name, schema));
    else {
      const keys = Object.entries(entries).map(([key, inner]) => describedKey(key, inner));
      sections.push({ name, about: descriptionOf(schema), keys });
    }
  }
  return [{ keys: alone }, ...sections];
}

function describedKey(key: string, schema: v.GenericSchema): DescribedKey {
  return { key, preset: v.getDefault(schema), about: descriptionOf(schema), takes: formOf(schema) };
}

function descriptionOf(schema: v.GenericSchema): string {
  return v.getDescription('wrapped' in schema ? (schema.wrapped as v.GenericSchema) : schema) ?? '';
}

/** The form of a value in the words of the schema's error. */
function formOf(schema: v.GenericSchema): string {
  if ('wrapped' in schema) return formOf(schema.wrapped as v.GenericSchema);
  const [first] = 'pipe' in schema ? (schema.pipe as v.GenericSchema[]) : [schema];
  if (first !== schema && first && 'pipe' in first) return formOf(first);
  const { message } = first as { message?: unknown };
  return typeof message === 'string' ? message : '';
}

/** A value as YAML has it, on one line. */
export const inYaml = (value: unknown) => stringify(value, { collectionStyle: 'flow' }).trim();

const width = 100;

/** A file with every key, what it is for and what holds without it. */
export function configTemplate(): string {
  const blocks = [
    comment(
      'The configuration of phiz: every key with what holds without it. Keep what is to be another; a key that is left out, or has no value, keeps its default.',
      '',
    ),
  ];
  for (const { name, about = '', keys } of describedSections()) {
    const indent = name === undefined ? '' : '  ';
    const lines = keys.map(
      ({ key, preset, about: meaning, takes }) =>
        `${comment(`${meaning} ${sentence(takes)}`, indent)}\n${indent}${key}: ${inYaml(preset)}`,
    );
    if (name === undefined) blocks.push(...lines);
    else blocks.push(`${comment(about, '')}\n${name}:\n${lines.join('\n')}`);
  }
  return `${blocks.join('\n\n')}\n`;
}

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

/** Words in lines of a comment. */
function comment(text: string, indent: string): string {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
