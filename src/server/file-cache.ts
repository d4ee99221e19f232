import { inHex, sha256 } from '../digest.ts';

/** A file in memory. */
export interface CachedFile {
  readonly bytes: Uint8Array;
  /** A strong entity tag of the bytes, with its quotes. */
  readonly tag: string;
}

interface Entry {
  readonly file: Promise<CachedFile>;
  size: number;
  /** Answers that are being sent from it. */
  users: number;
}

/**
 * Files in memory, one copy of each however many answers are sent from it. Those that nobody is sent
 * stay while they are together within a bound.
 */
export class FileCache {
  readonly #read: (name: string) => Promise<Uint8Array>;
  readonly #idleBytes: number;
  /** The one that was asked for last comes last. */
  readonly #entries = new Map<string, Entry>();

  constructor(read: (name: string) => Promise<Uint8Array>, idleBytes: number) {
    this.#read = read;
    this.#idleBytes = idleBytes;
  }

  /** A file, to be given back. @throws where it cannot be read. */
  async take(name: string): Promise<CachedFile> {
    const known = this.#entries.get(name);
    const entry = known ?? { file: this.#read(name).then(withTag), size: 0, users: 0 };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    entry.users++;
    try {
      const file = await entry.file;
      entry.size = file.bytes.length;
      return file;
    } catch (error) {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
      throw error;
    }
  }

  giveBack(name: string): void {
    this.#entries.get(name)!.users--;
    const idle = [...this.#entries].filter(([, { users }]) => users === 0);
    let bytes = idle.reduce((sum, [, { size }]) => sum + size, 0);
    for (const [oldest, { size }] of idle) {
      if (bytes <= this.#idleBytes) return;
      this.#entries.delete(oldest);
      bytes -= size;
    }
  }
}

async function withTag(bytes: Uint8Array): Promise<CachedFile> {
  const digest = await sha256(bytes);
  return { bytes, tag: `"${inHex(digest.subarray(0, 16))}"` };
}
