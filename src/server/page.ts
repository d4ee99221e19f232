import type { MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import type { Platform } from '../platform.ts';

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

/**
 * Answers `GET` with the page at `/` for whoever accepts HTML, and with its files below `/page/` and
 * `/assets/`; everything else goes on to what comes after.
 */
export function servePage(readAsset: Platform['readAsset']): MiddlewareHandler {
  const addTag = etag();
  return async (c, next) => {
    const { method, path } = c.req;
    const name = assetOf(path, c.req.header('accept') ?? '');
    if (name === undefined || (method !== 'GET' && method !== 'HEAD')) return next();
    // What cannot be read is not there.
    const bytes = await readAsset(name).catch(() => undefined);
    if (!bytes) return next();
    // An asset is asked for with its digest, see runtimes/browser/asset-store.ts.
    const lasting = !name.startsWith('page/') && c.req.query('v') !== undefined;
    await addTag(c, async () => {
      c.res = c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
        ...pageHeaders,
        'Content-Type': contentTypes[name.split('.').at(-1) as string] ?? 'application/octet-stream',
        'Cache-Control': lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...(path === '/' && { Vary: 'Accept' }),
      });
    });
  };
}

/** The asset that a path stands for. No part of it begins with a dot, so that none leads outside. */
function assetOf(path: string, accept: string): string | undefined {
  if (path === '/') return accept.includes('text/html') ? 'page/index.html' : undefined;
  if (path === '/sw.js') return 'page/sw.js';
  const [, name] =
    /^\/(?:assets\/(?=wasm|networks)|(?=page\/))((?:[\w-]+\/)+[\w-]+(?:\.[\w-]+)+)$/.exec(path) ?? [];
  return name;
}
