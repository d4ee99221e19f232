import { timingNames, type WireTimings } from '../../../src/server/answer-schema.ts';
import { h, withVariable } from './dom.ts';
import type { CallResult } from './service.ts';
import { type ComputePlace, computePlaces } from './services.ts';

const placeTitles: Record<ComputePlace, string> = { browser: 'This browser', server: 'Server' };

/** Where the time went, in the browser and on the server, for the same call. */
export class TimingsTable {
  readonly #root: HTMLElement;
  readonly #results = new Map<ComputePlace, { timings: WireTimings; elapsed: number }>();

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#draw();
  }

  /** Removes the timings: they belong to another call. */
  clear(): void {
    this.#results.clear();
    this.#draw();
  }

  show(place: ComputePlace, { response, elapsed }: CallResult): void {
    if (!response?.timings) return;
    this.#results.set(place, { timings: response.timings, elapsed });
    this.#draw();
  }

  #draw(): void {
    const shown = computePlaces.filter((place) => this.#results.has(place));
    if (shown.length === 0) {
      this.#root.replaceChildren(
        h('p', { class: 'quiet' }, 'How long each stage takes, here and on the server.'),
      );
      return;
    }
    const longest = Math.max(...shown.map((place) => this.#results.get(place)!.elapsed));
    const rows = [...timingNames, 'call'].flatMap((stage) => {
      const cells = shown.map((place) => {
        const { timings, elapsed } = this.#results.get(place)!;
        return stage === 'call' ? elapsed : timings[stage as keyof WireTimings];
      });
      return cells.every((time) => time === undefined) ? [] : [row(stage, cells, longest)];
    });
    this.#root.replaceChildren(
      h(
        'table',
        { class: 'times' },
        h(
          'caption',
          {},
          'Milliseconds. “call” has the way there and back; faces of one picture may share the time.',
        ),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'Stage'),
            ...shown.map((place) => h('th', { scope: 'col' }, placeTitles[place])),
          ),
        ),
        h('tbody', {}, ...rows),
      ),
    );
  }
}

function row(stage: string, times: (number | undefined)[], longest: number): HTMLTableRowElement {
  return h(
    'tr',
    { class: stage === 'total' || stage === 'call' ? 'sum' : '' },
    h('th', { scope: 'row' }, stage),
    ...times.map((time) =>
      time === undefined
        ? h('td', {}, '–')
        : h(
            'td',
            {},
            withVariable(h('span', { class: 'track' }), 'share', `${time / longest}`),
            time.toFixed(time < 10 ? 1 : 0),
          ),
    ),
  );
}
