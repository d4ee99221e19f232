import { constants, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { Host, TextSink } from '../../src/cli/host.ts';
import type { Platform } from '../../src/platform.ts';
import { cacheFolder } from './cache-folder.ts';
import { createHttpTransport } from './http-transport.ts';
import { serve } from './serve.ts';

/** Signals that ask for an orderly end. */
const stopSignals = ['SIGTERM', 'SIGINT'] as const;

/** The process's files, terminal and signals, and HTTP, by the interfaces that Node, Bun and Deno share. */
export const createHost = (platform: Platform): Host => ({
  platform,
  args: process.argv.slice(2),
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  cacheFolder: cacheFolder(process.platform, process.env, homedir()),
  transport: createHttpTransport(),
  readFile: (path) => readFile(path),
  async writeFile(path, bytes) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  },
  writeInto,
  moveFile: (from, to) => rename(from, to),
  removeFile: (path) => rm(path, { force: true }),
  async fileSize(path) {
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() ? found.size : undefined;
  },
  async listFiles(path) {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  },
  serve,
  memory: () => process.memoryUsage.rss(),
  onStop(listener) {
    for (const signal of stopSignals) process.once(signal, listener);
  },
  exit(code) {
    process.exitCode = code;
  },
});

async function writeInto(path: string, offset: number, bytes: Uint8Array): Promise<boolean> {
  if (offset === 0) await mkdir(dirname(path), { recursive: true });
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

/** What is written after its reader has left is lost. */
function sinkOf(stream: NodeJS.WriteStream): TextSink {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // As for a program that heeds SIGPIPE: nobody reads the answers.
    if (stream === process.stdout) process.exit(1);
  });
  return {
    write: (text) => void stream.write(text),
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}
