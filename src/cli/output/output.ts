import { ConfigError } from '../../config/config-error.ts';
import type { Host } from '../host.ts';
import { CompactMap } from './compact-map.ts';
import { csvHead, csvRows } from './csv.ts';
import { FileWriter, Journal, type LineHead } from './journal.ts';
import { fileLines } from './lines.ts';
import { parquetParts } from './parquet.ts';
import type { OutputLine } from './table.ts';

export const formats = ['ndjson', 'csv', 'parquet'] as const;
export type OutputFormat = (typeof formats)[number];

/** The answer for one picture, and the facts by which later runs know that it is done. */
export interface Done<Line extends OutputLine = OutputLine> extends LineHead {
  readonly line: Line;
}

/** The destination of answers: a file, or standard output. */
export interface Output {
  /** The number of pictures that have answers of former runs here. */
  readonly before: number;
  /** True where the answer for a key is here already, in this state. */
  has(key: string, state: string): boolean;
  /** True where an answer for a key is here, in whatever state. */
  knows(key: string): boolean;
  write(answers: readonly Done[]): Promise<void>;
  /** Resolves when all that was written would outlive a loss of power. */
  sync(): Promise<void>;
  /** Makes the file that was asked for of all answers. */
  finish(): Promise<void>;
}

/** The format that a flag, or else a file's name, asks for. */
export function formatOf(file: string | undefined, flag: OutputFormat | undefined): OutputFormat {
  if (flag) return flag;
  const ending = file?.replace(/^.*\./, '').toLowerCase();
  return ending === 'csv' || ending === 'parquet' ? ending : 'ndjson';
}

/** An output that goes to standard output: it knows of no former run. */
export function streamOutput(host: Host, format: OutputFormat): Output {
  if (format === 'parquet') throw new Error('Parquet is for files: name one with --out faces.parquet');
  let begun = false;
  const written = new CompactMap();
  return {
    before: 0,
    has: () => false,
    knows: (key) => written.get(key) !== undefined,
    async write(answers) {
      if (format === 'csv' && !begun) host.stdout.write(csvHead);
      begun = true;
      for (const { key, line } of answers) {
        written.set(key, 1);
        host.stdout.write(format === 'csv' ? csvRows(line) : `${JSON.stringify(line)}\n`);
      }
    },
    async sync() {},
    async finish() {},
  };
}

/**
 * An output to a file that later runs go on with. NDJSON is written line by line. CSV and Parquet,
 * which cannot be gone on with after a fall, are made at the end of the NDJSON beside them.
 *
 * @throws Error where the file has something else in it; ConfigError where it is a folder
 */
export async function fileOutput(
  host: Host,
  path: string,
  format: OutputFormat,
  headOf: (line: OutputLine) => LineHead | undefined,
): Promise<Output> {
  if ((await host.entry(path))?.folder !== undefined)
    throw new ConfigError(`${path} is a folder: name a file in it`);
  const lines = format === 'ndjson' ? path : `${path}.ndjson`;
  if (
    lines !== path &&
    (await host.fileSize(path)) !== undefined &&
    (await host.fileSize(lines)) === undefined
  ) {
    throw new Error(`${path} is there, without the ${lines} that it would be made of: name another file`);
  }
  const journal = await Journal.open(host, lines, (bytes) => {
    const line = parseLine(bytes);
    return line && headOf(line);
  });
  return {
    before: journal.count,
    has: (key, state) => journal.has(key, state),
    knows: (key) => journal.knows(key),
    write: (answers) =>
      journal.append(answers.map(({ key, state, line }) => ({ key, state, line: JSON.stringify(line) }))),
    sync: () => journal.sync(),
    async finish() {
      await journal.tidy();
      if (format !== 'ndjson') await exportFile(host, journal.path, path, format);
    },
  };
}

async function exportFile(host: Host, from: string, to: string, format: 'csv' | 'parquet'): Promise<void> {
  const part = `${to}.part`;
  const writer = new FileWriter(host, part);
  for await (const bytes of format === 'csv'
    ? csvParts(linesOf(host, from))
    : parquetParts(linesOf(host, from))) {
    await writer.write(bytes);
  }
  await writer.close();
  await host.moveFile(part, to);
}

async function* csvParts(lines: AsyncIterable<OutputLine>): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder();
  yield text.encode(csvHead);
  for await (const line of lines) yield text.encode(csvRows(line));
}

async function* linesOf(host: Host, path: string): AsyncGenerator<OutputLine> {
  for await (const { bytes } of fileLines(host, path)) {
    const line = parseLine(bytes);
    if (line) yield line;
  }
}

/** A line of ours; undefined where it is anything else. */
function parseLine(bytes: Uint8Array): OutputLine | undefined {
  try {
    const line = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as OutputLine | null;
    return typeof line === 'object' && line !== null && typeof line.file === 'string' ? line : undefined;
  } catch {
    return undefined;
  }
}
