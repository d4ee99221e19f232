import type { Platform } from '../platform.ts';
import type { HttpTransport } from '../server/fetch-picture.ts';
import type { Peer } from '../server/peer.ts';
import type { Refuse } from '../server/refusal.ts';

/** A stream of text to a person or a pipe. */
export interface TextSink {
  write(text: string): void;
  /** Columns of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
}

/** A stream of text of which some may be lost: nothing waits for its reader, and it ends nothing. */
export interface LossySink {
  write(text: string): void;
  /** Texts that could not be written, or that came while too much waited for the reader. */
  readonly lost: number;
}

/** A fetch handler: a web-standard HTTP application, which is also told who asks. */
export type FetchHandler = (request: Request, peer: Peer) => Response | Promise<Response>;

/** A host's port (0: any free one), or a socket among the files. */
export type HttpAddress = { readonly host: string; readonly port: number } | { readonly path: string };

export interface Listening {
  /** Its root, with the port that was really taken; `unix:/path` for a socket among the files. */
  readonly url: string;
  /**
   * Takes no more connections; resolves when what was accepted is answered, or cut off after
   * `patience` milliseconds.
   */
  close(patience: number): Promise<void>;
}

/** A file, a folder or something else at a path. */
export interface Entry {
  /** Of a folder: its one true path, whatever links led there. */
  readonly folder: string | undefined;
  /** Bytes. */
  readonly size: number;
  /** When it was last changed, in milliseconds since 1970. */
  readonly modified: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** The services of a runtime that the command line needs besides the engine's platform. */
export interface Host {
  readonly platform: Platform;
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  /** Standard input, in parts. */
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** A variable of the environment; undefined where there is none, or it may not be read. */
  variable(name: string): string | undefined;
  /** Standard output for what a service says at its start. */
  readonly greeting: LossySink;
  /** Standard error for the log of a service. */
  readonly log: LossySink;
  /** Where the platform wants programs to keep what they can fetch again; the folder may be missing. */
  readonly cacheFolder: string;
  /** Fetches pictures of requests; see the protections it must give. */
  readonly transport: HttpTransport;
  /** @throws where there is no such file. */
  readFile(path: string): Promise<Uint8Array>;
  /** Creates the folders above the file where they are missing. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes bytes into a file from an offset on; at 0 the file is created where it is missing, with the
   * folders above. Answers false, and writes nothing, where the file ends before the offset.
   */
  writeInto(path: string, offset: number, bytes: Uint8Array): Promise<boolean>;
  /** Gives a file another name in one step, replacing what has it. */
  moveFile(from: string, to: string): Promise<void>;
  /** Removes a file; one that is not there is fine. */
  removeFile(path: string): Promise<void>;
  /** In bytes; undefined where there is no such file. */
  fileSize(path: string): Promise<number | undefined>;
  /** The file or folder at a path, links followed; undefined where there is none. @throws where nobody may look. */
  entry(path: string): Promise<Entry | undefined>;
  /** The entries of a folder, in no order, read as they are asked for. @throws where it cannot be read. */
  readFolder(path: string): AsyncIterable<FolderEntry>;
  /** A file from its beginning, read as it is asked for. @throws where there is no such file. */
  readParts(path: string): AsyncIterable<Uint8Array>;
  /** Cuts a file off. */
  truncateFile(path: string, size: number): Promise<void>;
  /** Resolves when all that was written to a file would outlive a loss of power. */
  syncFile(path: string): Promise<void>;
  /**
   * Serves HTTP.
   * @param body milliseconds for a call's body, after its headers
   * @param refuse told of what HTTP itself refuses
   * @throws where the address cannot be had: what to do.
   */
  serve(
    handler: FetchHandler,
    address: HttpAddress,
    options?: { readonly body?: number; readonly refuse?: Refuse },
  ): Promise<Listening>;
  /** Bytes of memory that the process occupies. */
  memory(): number;
  /** Collects the garbage of the thread that calls, where the runtime can be asked to. */
  collectGarbage(): void;
  /** Calls the listener whenever the process is asked to stop. */
  onStop(listener: () => void): void;
  /** Ends the process with this code once its output is written. */
  exit(code: number): void;
}
