import { type BrowserEngine, isolated, type LoadProgress } from '../index.ts';
import { byId, h } from './dom.ts';
import type { ComputePlace } from './services.ts';

/** Says what computes, and how far it is loaded. */
export class StatusLine {
  /** Threads of the engine in this browser. */
  threads = 1;
  readonly #text = byId('status', HTMLElement);
  readonly #details = byId('engine', HTMLDetailsElement);
  readonly #facts = byId('engine-facts', HTMLElement);
  readonly #bar = byId('loading', HTMLProgressElement);
  readonly #serverHost: string;
  #place: ComputePlace = 'browser';
  /** Of networks that are being loaded. */
  #progress: LoadProgress | undefined;
  #engine = '';

  constructor(serverHost: string) {
    this.#serverHost = serverHost;
  }

  showPlace(place: ComputePlace): void {
    this.#place = place;
    this.#draw();
  }

  showProgress(progress: LoadProgress): void {
    // One that is needed seldom comes when the engine has long been ready.
    const done = this.#engine !== '' && progress.loaded === progress.total;
    this.#progress = done ? undefined : progress;
    this.#draw();
  }

  showEngine({ networks, threads }: BrowserEngine): void {
    const shared = isolated ? 'isolated page' : 'page not isolated, so one thread only';
    this.threads = threads;
    this.#facts.replaceChildren(
      h('p', {}, `${threads} thread${threads === 1 ? '' : 's'} (${shared})`),
      h(
        'dl',
        {},
        ...Object.entries(networks).map(([network, runsOn]) =>
          h('div', {}, h('dt', {}, network), h('dd', {}, runsOn)),
        ),
      ),
    );
    this.#engine = 'Ready';
    this.#progress = undefined;
    this.#draw();
  }

  /** Says that loading has failed. */
  showFailure(): void {
    if (!this.#progress) return;
    this.#engine = 'The networks are not loaded; the next picture tries again.';
    this.#progress = undefined;
    this.#draw();
  }

  #draw(): void {
    const progress = this.#progress;
    this.#bar.hidden = this.#place === 'server' || !progress;
    this.#details.hidden = this.#place === 'server' || this.#facts.childElementCount === 0;
    if (this.#place === 'server') {
      this.#text.textContent = `Pictures are computed by the server at ${this.#serverHost}.`;
    } else if (progress) {
      this.#bar.value = progress.loaded / progress.total;
      this.#text.textContent = `Loading the networks: ${megabytes(progress.loaded)} of ${megabytes(progress.total)} MB`;
    } else {
      this.#text.textContent = this.#engine;
    }
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
