import { canShareMemory } from './protocol.ts';

/** Assets read once for all threads, in memory that they share where that is possible. */
export class SharedAssets {
  readonly #read: (name: string) => Promise<Uint8Array>;
  readonly #assets = new Map<string, Promise<Uint8Array>>();

  constructor(read: (name: string) => Promise<Uint8Array>) {
    this.#read = read;
  }

  read(name: string): Promise<Uint8Array> {
    let asset = this.#assets.get(name);
    if (!asset) {
      asset = this.#read(name).then(share);
      asset.catch(() => this.#assets.delete(name));
      this.#assets.set(name, asset);
    }
    return asset;
  }

  /** Drops what was read: once every instance is loaded, it has what it needs. */
  forget(): void {
    this.#assets.clear();
  }
}

function share(bytes: Uint8Array): Uint8Array {
  if (!canShareMemory) return bytes;
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
