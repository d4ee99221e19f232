import { concatenated } from '../../bytes.ts';
import type { Host } from '../host.ts';
import { CompactMap, hash64 } from './compact-map.ts';
import { fileLines } from './lines.ts';

const text = new TextEncoder();

/** The subject of a journal's line. */
export interface LineHead {
  /** The name by which the subject is known among the others. */
  readonly key: string;
  /** The subject's state, such as a size and a time; undefined: it is to be done again. */
  readonly state: string | undefined;
}

/** The state number of lines that are to be done again; no other state is hashed to it. */
const again = 0;

/** 31 bits of a state, never {@link again}. */
const stateNumber = (state: string | undefined) =>
  state === undefined ? again : (hash64(state)[1] >>> 1) | 1;

/**
 * A file of lines that is added to, run after run, and knows what is in it. Memory: 25 MB for a million
 * lines. A line that was cut off when the program or the machine went down is taken away; one
 * that was replaced goes when the run ends.
 */
export class Journal {
  readonly path: string;
  readonly #host: Host;
  readonly #states = new CompactMap();
  readonly #headOf: (line: Uint8Array) => LineHead | undefined;
  #size = 0;
  /** True where some lines are out of date: a later one has the same key, or they are none of ours. */
  #stale = false;

  private constructor(host: Host, path: string, headOf: (line: Uint8Array) => LineHead | undefined) {
    this.#host = host;
    this.path = path;
    this.#headOf = headOf;
  }

  /**
   * Opens a file, or begins one.
   *
   * @param headOf reads a line; undefined where it is none of ours
   * @throws Error where the file has something else in it
   */
  static async open(
    host: Host,
    path: string,
    headOf: (line: Uint8Array) => LineHead | undefined,
  ): Promise<Journal> {
    const journal = new Journal(host, path, headOf);
    if ((await host.fileSize(path)) === undefined) {
      await host.writeFile(path, new Uint8Array());
      return journal;
    }
    let first = true;
    for await (const { bytes, end, whole } of fileLines(host, path)) {
      const head = headOf(bytes);
      if (first && whole && !head) {
        throw new Error(`${path} is there, and is not what an earlier run wrote: name another file`);
      }
      first = false;
      if (!whole) break;
      journal.#size = end;
      if (!head || journal.#states.get(head.key) !== undefined) journal.#stale = true;
      if (head) journal.#states.set(head.key, stateNumber(head.state));
    }
    if ((await host.fileSize(path)) !== journal.#size) await host.truncateFile(path, journal.#size);
    return journal;
  }

  /** The number of keys. */
  get count(): number {
    return this.#states.size;
  }

  /** True where there is a line of a key, in this state. */
  has(key: string, state: string): boolean {
    return this.#states.get(key) === stateNumber(state);
  }

  /** True where there is a line of a key, in whatever state. */
  knows(key: string): boolean {
    return this.#states.get(key) !== undefined;
  }

  /**
   * Adds lines; the newline at the end of each is added here.
   * @throws Error where the file cannot take them; it is then as it was before.
   */
  async append(lines: readonly (LineHead & { readonly line: string })[]): Promise<void> {
    const bytes = concatenated(lines.map(({ line }) => text.encode(`${line}\n`)));
    const size = await this.#host.fileSize(this.path);
    // Of a device no size is known.
    if (size !== undefined && size !== this.#size) {
      throw new Error(`${this.path} was changed by another program while this one ran`);
    }
    try {
      if (!(await this.#host.writeInto(this.path, this.#size, bytes))) throw new Error('it is gone');
    } catch (cause) {
      await this.#host.truncateFile(this.path, this.#size).catch(() => {});
      throw new Error(`${this.path}: ${(cause as Error).message}`, { cause });
    }
    this.#size += bytes.length;
    for (const { key, state } of lines) {
      if (this.knows(key)) this.#stale = true;
      this.#states.set(key, stateNumber(state));
    }
  }

  /** Resolves when what was added would outlive a loss of power. */
  sync(): Promise<void> {
    return this.#host.syncFile(this.path);
  }

  /** Takes away lines that have been replaced. The file is whole at any time. */
  async tidy(): Promise<void> {
    if (!this.#stale) return;
    const last = new CompactMap();
    let number = 0;
    for await (const { bytes } of fileLines(this.#host, this.path)) {
      const head = this.#headOf(bytes);
      if (head) last.set(head.key, number);
      number++;
    }
    const part = `${this.path}.part`;
    const writer = new FileWriter(this.#host, part);
    number = 0;
    for await (const { bytes } of fileLines(this.#host, this.path)) {
      const head = this.#headOf(bytes);
      if (head && last.get(head.key) === number) await writer.write(bytes, text.encode('\n'));
      number++;
    }
    this.#size = await writer.close();
    await this.#host.moveFile(part, this.path);
    this.#stale = false;
  }
}

const bufferSize = 1 << 20;

/** Writes a new file from its beginning, in parts of a size that disks like. */
export class FileWriter {
  readonly #host: Host;
  readonly #path: string;
  #pending: Uint8Array[] = [];
  #pendingSize = 0;
  #written = 0;

  constructor(host: Host, path: string) {
    this.#host = host;
    this.#path = path;
  }

  async write(...parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      this.#pending.push(part);
      this.#pendingSize += part.length;
    }
    if (this.#pendingSize >= bufferSize) await this.#flush();
  }

  /** Answers the file's size in bytes. */
  async close(): Promise<number> {
    await this.#flush();
    await this.#host.syncFile(this.#path);
    return this.#written;
  }

  async #flush(): Promise<void> {
    if (this.#written === 0) await this.#host.removeFile(this.#path);
    try {
      await this.#host.writeInto(this.#path, this.#written, concatenated(this.#pending));
    } catch (cause) {
      await this.#host.removeFile(this.#path).catch(() => {});
      throw new Error(`${this.#path}: ${(cause as Error).message}`, { cause });
    }
    this.#written += this.#pendingSize;
    this.#pending = [];
    this.#pendingSize = 0;
  }
}
