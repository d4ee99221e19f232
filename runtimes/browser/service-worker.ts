/** Keeps the page itself, so that it opens without a network. Networks are kept by asset-store.ts. */

/** Every file of the page, relative to it, and what they are together. */
declare const __PHIZ_SHELL__: readonly string[];
declare const __PHIZ_BUILD__: string;

/** `self` with its type; the library of types has it as any worker's. */
const worker = self as unknown as ServiceWorkerGlobalScope;

const prefix = 'phiz-page-';
const cacheName = prefix + __PHIZ_BUILD__;
const shell = new Set(__PHIZ_SHELL__.map((path) => new URL(path, worker.registration.scope).href));

worker.addEventListener('install', (event) => {
  const requests = [...shell].map(
    (url) => new Request(url, { cache: 'reload', headers: { Accept: 'text/html,*/*' } }),
  );
  event.waitUntil(
    caches.open(cacheName).then(async (cache) => {
      await cache.addAll(requests);
      await worker.skipWaiting();
    }),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      const old = names.filter((name) => name.startsWith(prefix) && name !== cacheName);
      await Promise.all(old.map((name) => caches.delete(name)));
      await worker.clients.claim();
    }),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && shell.has(withoutQuery(request.url))) event.respondWith(answer(request));
});

/** The newest from the network where there is one, so that a page never mixes two builds. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = () => cache.match(request, { ignoreSearch: true, ignoreVary: true });
  try {
    const response = await fetch(request);
    return response.ok ? response : ((await kept()) ?? response);
  } catch (error) {
    const response = await kept();
    if (response) return response;
    throw error;
  }
}

function withoutQuery(url: string): string {
  return url.split(/[?#]/)[0]!;
}
