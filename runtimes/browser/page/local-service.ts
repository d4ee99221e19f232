import * as v from 'valibot';
import { configSchema } from '../../../src/config/schema.ts';
import { silent } from '../../../src/log.ts';
import { createApp } from '../../../src/server/app.ts';
import { type BackendName, type BrowserEngine, createEngine, type LoadProgress } from '../index.ts';
import type { PageService } from './service.ts';

export interface LocalServiceEvents {
  onProgress(progress: LoadProgress): void;
  onReady(engine: BrowserEngine): void;
}

/** The settings of the engine in the page; another value starts another engine. */
export interface EngineSettings {
  readonly backend: BackendName;
  /** Pixels of a picture's face for which detection is guaranteed. */
  readonly minFaceSize: number;
}

/**
 * The service in this page: the program that the server runs, on an engine in Web Workers. It is
 * started by {@link start}.
 */
export class LocalService implements PageService {
  /** As the service's configuration file would have it; holds from the next call on. */
  config: object = {};
  readonly #events: LocalServiceEvents;
  #engine: { readonly key: string; readonly started: Promise<BrowserEngine> } | undefined;

  constructor(events: LocalServiceEvents) {
    this.#events = events;
  }

  /** Loads the networks. @throws Error where they cannot be loaded; the next call tries again */
  async start({ backend, minFaceSize }: EngineSettings): Promise<void> {
    const settings = { backend, minFaceSize };
    const key = JSON.stringify(settings);
    if (key !== this.#engine?.key) {
      void this.#stop();
      this.#engine = { key, started: this.#load(settings) };
    }
    try {
      await this.#engine.started;
    } catch (error) {
      this.#engine = undefined;
      throw error;
    }
  }

  /** @throws Error before {@link start} */
  async fetch(request: Request): Promise<Response> {
    if (!this.#engine) throw new Error('the engine is not started');
    const config = v.parse(configSchema, {
      // Pictures come with the call, and nobody else is delayed by a slow one.
      fetch: { enabled: false },
      limits: { timeout: '10m' },
      ...this.config,
    });
    return createApp({ engine: await this.#engine.started, config, log: silent }).fetch(request);
  }

  async #load({ backend, minFaceSize }: EngineSettings): Promise<BrowserEngine> {
    const engine = await createEngine({
      assets: new URL('assets/', document.baseURI),
      worker: new URL('page/engine-worker.js', document.baseURI),
      backend,
      faces: { least: minFaceSize, most: Number.POSITIVE_INFINITY },
      onProgress: (progress) => this.#events.onProgress(progress),
    });
    this.#events.onReady(engine);
    return engine;
  }

  async #stop(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await (await engine?.started.catch(() => undefined))?.close();
  }
}
