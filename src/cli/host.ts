import type { Platform } from '../platform.ts';

/** A stream of text to a person or a pipe. */
export interface TextSink {
  write(text: string): void;
  /** Columns of the terminal; undefined where it is none. */
  readonly columns: number | undefined;
}

/** What the command line needs of its runtime, besides the platform of the engine. */
export interface Host {
  readonly platform: Platform;
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readFile(path: string): Promise<Uint8Array>;
  /** Creates the folders above the file where they are missing. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** The file itself, or every file below a folder, sorted by path. @throws where there is none. */
  listFiles(path: string): Promise<string[]>;
  /** Ends the process with this exit code once its output is written. */
  exit(code: number): void;
}
