import { inHex, sha256 } from '../../digest.ts';
import { messageOf } from '../../errors.ts';
import type { Host } from '../host.ts';
import { formatBytes } from './format-bytes.ts';
import type { NetworkFile } from './network-store.ts';

/** Told how much of a file is there. */
export type OnBytes = (have: number, total: number | undefined) => void;

export interface PullLimits {
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stall: number;
  /** Attempts at a download that breaks off, the first one included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; each further pause is twice as long. */
  readonly pause: number;
}

const defaultPullLimits: PullLimits = { stall: 30_000, attempts: 4, pause: 500 };

/** Most bytes of a file whose manifest does not say how many it has. */
const mostBytes = 2 ** 30;

/** Bytes that are kept back to write them in one go; a stop loses no more. */
const writeSize = 2 ** 17;

/**
 * Downloads a file of a network to `target`. What arrives is kept beside it as `….part`: a
 * download that broke off goes on where it ended, now or at the next call. The file appears under
 * its name only when it is whole and its SHA-256 is the manifest's.
 *
 * Several processes may pull a file at once: what they write is the same wherever they write it, and
 * the first that has the whole file moves it to its place for all.
 *
 * @throws Error with one line
 */
export async function pullFile(
  host: Host,
  file: NetworkFile,
  target: string,
  onBytes: OnBytes,
  limits: PullLimits = defaultPullLimits,
): Promise<void> {
  if (!file.url) throw new Error(`the manifest does not say where ${file.name} can be had`);
  const partial = `${target}.part`;
  for (let attempt = 1; ; attempt++) {
    try {
      await goOn(host, { ...file, url: file.url }, partial, onBytes, limits);
      return await admit(host, file, partial, target, file.url);
    } catch (error) {
      // Another process may have been faster, and moved the file to its place from under this one.
      if (await isRight(host, file, target)) return;
      if (!(error instanceof BrokenOff)) throw error;
      if (attempt === limits.attempts) {
        const have = (await host.fileSize(partial)) ?? 0;
        throw new Error(
          `${file.url} broke off (${error.message}); ${formatBytes(have)} are kept: run the same command again to go on`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, limits.pause * 2 ** (attempt - 1)));
    }
  }
}

/** Takes a file of the disk in the place of a download. @throws Error where it is another one. */
export async function takeFile(host: Host, file: NetworkFile, from: string, target: string): Promise<void> {
  const bytes = await host.readFile(from);
  await check(file, bytes, from);
  const own = `${target}.${crypto.randomUUID()}`;
  await host.writeFile(own, bytes);
  await host.moveFile(own, target);
}

/** Moves a whole file to its place if it is the right one, else removes it. */
async function admit(host: Host, file: NetworkFile, partial: string, target: string, origin: string) {
  try {
    await check(file, await host.readFile(partial), origin);
  } catch (error) {
    await host.removeFile(partial);
    throw error;
  }
  await host.moveFile(partial, target);
}

/** @throws Error where these are not the bytes of the file */
async function check({ sha256: expected }: NetworkFile, bytes: Uint8Array, origin: string): Promise<void> {
  const found = inHex(await sha256(bytes));
  if (found === expected) return;
  throw new Error(
    `${origin} is not the file that the manifest names: expected SHA-256 ${expected}, found ${found}`,
  );
}

/** True where a file is there and has the right SHA-256. */
async function isRight(host: Host, file: NetworkFile, path: string): Promise<boolean> {
  if ((await host.fileSize(path)) === undefined) return false;
  return inHex(await sha256(await host.readFile(path))) === file.sha256;
}

/** The connection ended before the file did: worth another attempt. */
class BrokenOff extends Error {}

/** Downloads what is missing of a file. */
async function goOn(
  host: Host,
  { url, size }: { readonly url: string; readonly size?: number | undefined },
  partial: string,
  onBytes: OnBytes,
  { stall }: PullLimits,
): Promise<void> {
  let have = (await host.fileSize(partial)) ?? 0;
  if (size !== undefined && have === size) return;
  if (have > (size ?? mostBytes)) have = await startOver(host, partial);

  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(new Error(`nothing came for ${stall / 1000} s`)), stall);
  };
  watch();
  try {
    const response = await fetch(url, {
      signal: stop.signal,
      headers: { 'Accept-Encoding': 'identity', ...(have > 0 && { Range: `bytes=${have}-` }) },
    }).catch((error: unknown) => {
      throw new BrokenOff(reasonOf(error));
    });
    try {
      const total = await lengthOf(response, have);
      if (total === 'complete') return;
      if (response.status === 200) have = 0;
      const most = size ?? total ?? mostBytes;
      if (total !== undefined && total > most) {
        throw new Error(`${url} has ${total} bytes, more than the ${most} expected`);
      }
      onBytes(have, size ?? total);
      for await (const bytes of inLumps(chunksOf(response, watch))) {
        if (have + bytes.length > most) {
          await host.removeFile(partial);
          throw new Error(`${url} has more than the ${most} bytes expected`);
        }
        if (!(await host.writeInto(partial, have, bytes)))
          throw new BrokenOff('another process took what was kept');
        have += bytes.length;
        onBytes(have, size ?? total);
      }
      if (have < (size ?? total ?? 0)) throw new BrokenOff('the connection ended early');
    } catch (error) {
      await response.body?.cancel().catch(() => {});
      if (error instanceof WrongRange) {
        await startOver(host, partial);
        throw new BrokenOff(error.message);
      }
      throw error;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The server went on at another place than asked. */
class WrongRange extends Error {}

/**
 * The length of the whole file as a response says it, where it does.
 *
 * @throws Error for a status that has no file in it
 */
async function lengthOf(response: Response, have: number): Promise<number | undefined | 'complete'> {
  const { status, headers, url } = response;
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('Content-Range') ?? '');
  const total = range && range[2] !== '*' ? Number(range[2]) : undefined;
  if (status === 200)
    return headers.has('Content-Length') ? Number(headers.get('Content-Length')) : undefined;
  if (status === 206 && have > 0) {
    if (Number(range?.[1]) !== have) throw new WrongRange('the server went on at another place');
    return total;
  }
  if (status === 416 && have > 0) {
    if (total === have) return 'complete';
    throw new WrongRange('the server has less than what was kept');
  }
  if (status === 429 || status >= 500) throw new BrokenOff(`the server answered ${status}`);
  throw new Error(`${url}: the server answered ${status}`);
}

/** The body of a response, as it arrives. */
async function* chunksOf({ body }: Response, watch: () => void): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new BrokenOff(reasonOf(error));
    });
    if (done) return;
    watch();
    yield value;
  }
}

/** Fewer and larger pieces; what came before an error comes too. */
async function* inLumps(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  const joined = () => {
    const lump = new Uint8Array(length);
    let offset = 0;
    for (const chunk of waiting) {
      lump.set(chunk, offset);
      offset += chunk.length;
    }
    waiting = [];
    length = 0;
    return lump;
  };
  try {
    for await (const chunk of chunks) {
      waiting.push(chunk);
      length += chunk.length;
      if (length >= writeSize) yield joined();
    }
  } catch (error) {
    if (length > 0) yield joined();
    throw error;
  }
  if (length > 0) yield joined();
}

async function startOver(host: Host, partial: string): Promise<0> {
  await host.removeFile(partial);
  return 0;
}

/** The reason of an error of `fetch`, whose own message is "fetch failed": that of its cause. */
function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
