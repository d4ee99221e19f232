/** Size and digest of every asset by its name, as the build found them. */
export type AssetList = Readonly<Record<string, { readonly bytes: number; readonly digest: string }>>;

/** Bytes that have come of those that were asked for. */
export interface LoadProgress {
  readonly loaded: number;
  readonly total: number;
}

const cacheName = 'phiz-assets';

/**
 * Assets over HTTP, kept in Cache Storage where the page has it (secure contexts). An asset is kept
 * under its digest: a new build loads what has changed, and only that.
 */
export class AssetStore {
  readonly #folder: URL;
  readonly #list: AssetList;
  readonly #onProgress: (progress: LoadProgress) => void;
  #loaded = 0;
  #total = 0;

  /** @param folder where dist/assets is served, with a slash at its end */
  constructor(folder: URL, list: AssetList, onProgress: (progress: LoadProgress) => void = () => {}) {
    this.#folder = folder;
    this.#list = list;
    this.#onProgress = onProgress;
  }

  /** @throws Error where the asset can neither be loaded nor was kept */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#list[name];
    if (!entry) throw new Error(`there is no asset ${name}`);
    this.#total += entry.bytes;
    const url = this.#urlOf(name, entry.digest);
    const cache = await openCache();
    const kept = await cache?.match(url);
    if (kept) {
      this.#advance(entry.bytes);
      return new Uint8Array(await kept.arrayBuffer());
    }
    // What is kept here need not be kept a second time by the browser.
    const response = await fetch(url, { cache: cache ? 'no-store' : 'default' });
    if (!response.ok || !response.body)
      throw new Error(`${url.pathname}: the server answers ${response.status}`);
    const bytes = await this.#collect(response.body, entry.bytes, url);
    // A full disk or a private window is no reason to go without.
    await cache?.put(url, new Response(bytes as Uint8Array<ArrayBuffer>)).catch(() => undefined);
    return bytes;
  }

  /** Drops what earlier builds have left. */
  async tidy(): Promise<void> {
    const cache = await openCache();
    if (!cache) return;
    const current = new Set(
      Object.entries(this.#list).map(([name, { digest }]) => this.#urlOf(name, digest).href),
    );
    for (const { url } of await cache.keys()) if (!current.has(url)) await cache.delete(url);
  }

  #urlOf(name: string, digest: string): URL {
    return new URL(`${name}?v=${digest}`, this.#folder);
  }

  async #collect(body: ReadableStream<Uint8Array>, size: number, url: URL): Promise<Uint8Array> {
    const bytes = new Uint8Array(size);
    const reader = body.getReader();
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (length + value.length > size)
        throw new Error(`${url.pathname} is not of this build: reload the page`);
      bytes.set(value, length);
      length += value.length;
      this.#advance(value.length);
    }
    if (length < size) throw new Error(`${url.pathname} broke off after ${length} of ${size} bytes`);
    return bytes;
  }

  #advance(bytes: number): void {
    this.#loaded += bytes;
    this.#onProgress({ loaded: this.#loaded, total: this.#total });
  }
}

/** Undefined where the browser has no Cache Storage, or denies it. */
async function openCache(): Promise<Cache | undefined> {
  if (!('caches' in globalThis)) return undefined;
  return caches.open(cacheName).catch(() => undefined);
}
