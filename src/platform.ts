import type { DecodeHeic } from './image/codec.ts';
import type { Helpers } from './nn/shared-pass.ts';
import type { Catalogue } from './pipeline/catalogue.ts';

/** The services of a runtime, which it hands in: all that `src/` knows of the world outside. */
export interface Platform {
  /** For people: the runtime's name and version. */
  readonly name: string;
  /** Cores that threads may use, at least 1. */
  readonly cores: number;
  /**
   * The bytes of an asset that ships with phiz (a WASM binary or a network's weights), by its name
   * in assets.ts. Answers may be shared: they are read-only.
   */
  readAsset(name: string): Promise<Uint8Array>;
  /** The networks that have an id: `models/catalogue.ts`. */
  readonly catalogue: Catalogue;
  /** Decodes HEIC, where there is a decoder for it; absent where there never is one. */
  readonly decodeHeic?: DecodeHeic;
  /** Who takes parts of an instance's forward passes; absent where there is nobody. */
  readonly helpers?: Helpers;
  /** Starts a thread that serves one instance; absent where there are no threads. */
  startThread?(): Thread;
}

/** As much of a platform as a thread is told of. */
export type ThreadPlatform = Pick<Platform, 'name' | 'cores' | 'readAsset' | 'helpers'>;

/** A thread at the other end of a message channel. Transferred buffers move without a copy. */
export interface Thread {
  post(message: unknown, transfer?: readonly ArrayBufferLike[]): void;
  /** Called for every message that the thread posts. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the thread is gone, with the reason. */
  onExit(listener: (reason: Error) => void): void;
  /** Stops the thread at once, whatever it is doing. */
  stop(): Promise<void>;
}
