import type { MiddlewareHandler } from 'hono';
import type { Platform } from '../platform.ts';
import { chooseCoding, matchesTag, rangeOf } from './conditional.ts';
import { FileCache } from './file-cache.ts';

/** The page for people: the assets `page/…`, and the networks with which it computes. */

/** Nothing but what comes with the page; WASM may be compiled. Styles are set by CSS and scripts alone. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Sent with every file of the page. The first two make it an isolated one, which may have threads. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': `${pagePolicy}; frame-ancestors 'none'`,
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  svg: 'image/svg+xml',
  jpg: 'image/jpeg',
  wasm: 'application/wasm',
};

/** The asset that lists the compressed forms of all assets, each stored as `<name>.<coding>`. */
export const codingsAsset = 'codings.json';
export type ContentCoding = 'br' | 'gzip';
type Codings = Readonly<Record<string, readonly ContentCoding[]>>;

/** Bytes of files that stay in memory while nobody is sent them. */
const idleBytes = 16_777_216;

/** Bytes that are handed on at a time: what each slow reader holds. */
const chunkBytes = 65_536;

/**
 * Answers `GET` with the page at `/` for whoever accepts HTML, and with its files below `/page/` and
 * `/assets/`; everything else goes on to what comes after. However many read a file, and however
 * slowly, there is one copy of it.
 */
export function servePage(readAsset: Platform['readAsset']): MiddlewareHandler {
  const files = new FileCache(readAsset, idleBytes);
  let codings: Promise<Codings> | undefined;
  return async (c, next) => {
    const { method, path } = c.req;
    const asset = assetOf(path, c.req.header('accept') ?? '');
    if (asset === undefined || (method !== 'GET' && method !== 'HEAD')) return next();
    codings ??= readAsset(codingsAsset).then(
      (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
      () => ({}),
    );
    const offered = (await codings)[asset] ?? [];
    // Parts are parts of the file as it is.
    const coding = c.req.header('range')
      ? undefined
      : chooseCoding(c.req.header('accept-encoding') ?? '', offered);
    const name = coding ? `${asset}.${coding}` : asset;
    // What cannot be read is not there.
    const file = await files.take(name).catch(() => undefined);
    if (!file) return next();

    // An asset is asked for with its digest, see runtimes/browser/asset-store.ts.
    const lasting = !asset.startsWith('page/') && c.req.query('v') !== undefined;
    const vary = [path === '/' && 'Accept', offered.length > 0 && 'Accept-Encoding']
      .filter(Boolean)
      .join(', ');
    const headers = {
      ...pageHeaders,
      ETag: file.tag,
      'Accept-Ranges': 'bytes',
      'Content-Type': contentTypes[asset.split('.').at(-1)!] ?? 'application/octet-stream',
      'Cache-Control': lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(vary && { Vary: vary }),
      ...(coding && { 'Content-Encoding': coding }),
    };
    const withoutBody = (status: 200 | 206 | 304 | 416, more: Record<string, string> = {}) => {
      files.giveBack(name);
      return c.body(null, status, { ...headers, ...more });
    };

    const condition = c.req.header('if-none-match');
    if (condition !== undefined && matchesTag(condition, file.tag)) return withoutBody(304);
    const size = file.bytes.length;
    const part =
      method === 'GET' ? rangeOf(c.req.header('range'), c.req.header('if-range'), file) : undefined;
    if (part === null) return withoutBody(416, { 'Content-Range': `bytes */${size}` });
    const { start, end } = part ?? { start: 0, end: size };
    const length = {
      'Content-Length': String(end - start),
      ...(part && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
    };
    if (method === 'HEAD') return withoutBody(200, length);
    const body = streamOf(file.bytes.subarray(start, end), () => files.giveBack(name));
    return c.body(body, part ? 206 : 200, { ...headers, ...length });
  };
}

/** Bytes in pieces, as their reader takes them; `done` is called when that is over, either way. */
function streamOf(bytes: Uint8Array, done: () => void): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream(
    {
      pull(controller) {
        const end = Math.min(sent + chunkBytes, bytes.length);
        // Views: who transfers their buffer would take it from everybody.
        if (end > sent) controller.enqueue(bytes.subarray(sent, end));
        sent = end;
        if (sent < bytes.length) return;
        controller.close();
        done();
      },
      cancel: done,
    },
    { highWaterMark: 0 },
  );
}

/** The asset that a path stands for. No part of it begins with a dot, so that none leads outside. */
function assetOf(path: string, accept: string): string | undefined {
  if (path === '/') return accept.includes('text/html') ? 'page/index.html' : undefined;
  if (path === '/sw.js') return 'page/sw.js';
  const [, name] =
    /^\/(?:assets\/(?=wasm|networks)|(?=page\/))((?:[\w-]+\/)+[\w-]+(?:\.[\w-]+)+)$/.exec(path) ?? [];
  return name;
}
