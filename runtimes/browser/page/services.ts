import { catalogue } from '../../../models/catalogue.ts';
import type { Thresholds } from '../../../src/face/verdict.ts';
import { facenForm } from '../../../src/pipeline/facen-form.ts';
import { defaultSettings } from '../../../src/pipeline/settings.ts';
import { configOf } from './call.ts';
import type { LocalService } from './local-service.ts';
import type { Options } from './options.ts';
import { type CallResult, type Server, send } from './service.ts';

/** Where pictures are computed. */
export const computePlaces = ['browser', 'server'] as const;
export type ComputePlace = (typeof computePlaces)[number];

/** The service in this page and the one on the server; one of them is chosen. */
export class Services {
  place: ComputePlace = 'browser';
  readonly #local: LocalService;
  readonly #server: Server;

  constructor(local: LocalService, server: Server) {
    this.#local = local;
    this.#server = server;
  }

  /** Loads the networks where pictures are computed here. @throws Error where they cannot be loaded */
  async prepare(options: Options): Promise<void> {
    if (this.place === 'browser') await this.#local.start(options);
  }

  /** The thresholds of the vectors of the chosen place; undefined where nobody measured them. */
  async thresholds(): Promise<Thresholds | undefined> {
    return this.place === 'server'
      ? this.#server.thresholds()
      : facenForm(catalogue, defaultSettings)?.thresholds;
  }

  /** Sends a picture to the place that is chosen. @throws Error where no answer comes */
  async send(picture: Blob, call: object, options: Options): Promise<CallResult> {
    const { url } = this.#server;
    if (this.place === 'server') {
      this.#server.key = options.key;
      return send(this.#server, url, picture, call);
    }
    this.#local.config = configOf(options);
    await this.#local.start(options);
    return send(this.#local, url, picture, call);
  }
}
