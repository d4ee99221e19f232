import { createReadStream, type Dirent } from 'node:fs';
import {
  constants,
  mkdir,
  open,
  opendir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import type { Entry, FolderEntry, Host } from '../../src/cli/host.ts';
import type { Platform } from '../../src/platform.ts';
import { cacheFolder } from './cache-folder.ts';
import { collectGarbage } from './collect-garbage.ts';
import { createHttpTransport } from './http-transport.ts';
import { inWords } from './in-words.ts';
import { serveHttp } from './serve.ts';
import { sinksOf } from './sinks.ts';

/** Signals that ask for an orderly end. A terminal that closes sends the last. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** A host, and what ends its process. */
export interface NodeApiHost extends Host {
  /** Resolves when what was written is read; what may be lost is not waited for for long. */
  flush(): Promise<void>;
}

const output = sinksOf(process.stdout, true);
const errors = sinksOf(process.stderr, false);

/** The process's files, terminal and signals, and HTTP, by the interfaces that Node, Bun and Deno share. */
export const createHost = (platform: Platform): NodeApiHost => ({
  platform,
  args: process.argv.slice(2),
  get stdin() {
    // Not before it is asked for: a stream that is looked at keeps the process.
    return process.stdin;
  },
  stdout: output.writing,
  stderr: errors.writing,
  greeting: output.telling,
  log: errors.telling,
  variable(name) {
    try {
      return process.env[name];
    } catch {
      // Deno, without the permission.
      return undefined;
    }
  },
  get cacheFolder() {
    return cacheFolder(process.platform, process.env, homeFolder);
  },
  transport: createHttpTransport(),
  readFile: (path) => inWords(path, () => readFile(path)),
  writeFile: (path, bytes) =>
    inWords(path, async () => {
      await makeFolder(dirname(path));
      await writeFile(path, bytes);
    }),
  writeInto: (path, offset, bytes) => inWords(path, () => writeInto(path, offset, bytes)),
  moveFile: (from, to) => rename(from, to),
  removeFile: (path) => rm(path, { force: true }),
  async fileSize(path) {
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  },
  entry,
  readFolder,
  readParts,
  truncateFile: truncate,
  async syncFile(path) {
    const file = await open(path, 'r+');
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  },
  serve: serveHttp,
  memory: () => process.memoryUsage.rss(),
  collectGarbage,
  onStop(listener) {
    // The first one asks; more of them change nothing.
    for (const signal of stopSignals) process.on(signal, listener);
  },
  exit(code) {
    process.exitCode = code;
  },
  flush: async () => void (await Promise.all([output.flush(), errors.flush()])),
});

/** The user's folder; undefined for one whom the system does not know, as containers have them. */
function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/**
 * Makes a folder, and those in which it lies. Node's own way never ends where a folder is there that takes none,
 * as `/proc`.
 */
async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    // Somebody else may have made it meanwhile.
    if (!(await isFolder(path))) throw error;
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function* readParts(path: string): AsyncGenerator<Uint8Array> {
  const parts = createReadStream(path)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await inWords(path, () => parts.next());
      if (done) return;
      yield value;
    }
  } finally {
    await parts.return?.();
  }
}

async function writeInto(path: string, offset: number, bytes: Uint8Array): Promise<boolean> {
  if (offset === 0) await makeFolder(dirname(path));
  const file = await open(path, constants.O_RDWR | (offset === 0 ? constants.O_CREAT : 0)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    },
  );
  try {
    if (!file || (await file.stat()).size < offset) return false;
    for (let written = 0; written < bytes.length; ) {
      const rest = bytes.length - written;
      written += (await file.write(bytes, written, rest, offset + written)).bytesWritten;
    }
    return true;
  } finally {
    await file?.close();
  }
}

async function entry(path: string): Promise<Entry | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException): undefined => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  });
  return (
    found && {
      folder: found.isDirectory() ? await realpath(path) : undefined,
      size: found.size,
      modified: Math.trunc(found.mtimeMs),
    }
  );
}

async function* readFolder(path: string): AsyncGenerator<FolderEntry> {
  for await (const entry of await opendir(path, { bufferSize: 1_024 })) {
    yield { name: entry.name, kind: kindOf(entry) };
  }
}

function kindOf(entry: Dirent): FolderEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
