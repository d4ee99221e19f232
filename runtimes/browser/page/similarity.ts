import { cosine } from '../../../src/face/facen-scale.ts';
import { type Thresholds, verdictOf, verdicts } from '../../../src/face/verdict.ts';
import { h } from './dom.ts';
import { decodeFacen } from './facen.ts';
import type { JsonFace } from './service.ts';

/** Faces that are remembered; the oldest go first. */
const mostFaces = 16;

interface SeenFace {
  readonly picture: string;
  readonly title: string;
  readonly portrait: string;
  readonly facen: Float32Array;
  /** The thresholds of its vector; undefined where nobody measured them. */
  readonly thresholds: Thresholds | undefined;
}

/** Faces seen so far, and how alike any two of them are. */
export class SimilarityMatrix {
  readonly #root: HTMLElement;
  readonly #forget: HTMLButtonElement;
  #faces: SeenFace[] = [];

  constructor(root: HTMLElement, forget: HTMLButtonElement) {
    this.#root = root;
    this.#forget = forget;
    forget.addEventListener('click', () => {
      this.#faces = [];
      this.#draw();
    });
    this.#draw();
  }

  /**
   * Remembers the faces of a picture, in the place of what was seen in it before. Those that come
   * without feature vector or normalised face cannot be compared or shown.
   */
  see(picture: string, title: string, faces: readonly JsonFace[], thresholds: Thresholds | undefined): void {
    const seen = faces.flatMap(({ facen, normalized }, index): SeenFace[] =>
      facen === undefined || normalized === undefined
        ? []
        : [
            {
              picture,
              title: `${title}, face ${index + 1}`,
              portrait: `data:image/png;base64,${normalized}`,
              facen: decodeFacen(facen),
              thresholds,
            },
          ],
    );
    if (seen.length === 0) return;
    this.#faces = [...this.#faces.filter((face) => face.picture !== picture), ...seen].slice(-mostFaces);
    this.#draw();
  }

  #draw(): void {
    this.#forget.hidden = this.#faces.length === 0;
    if (this.#faces.length < 2) {
      this.#root.replaceChildren(
        h(
          'p',
          { class: 'quiet' },
          'Faces of this and of further pictures are compared here, each with each.',
        ),
      );
      return;
    }
    this.#root.replaceChildren(
      h(
        'div',
        { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Similarity of faces' },
        h(
          'table',
          { class: 'matrix' },
          h('thead', {}, h('tr', {}, h('td'), ...this.#faces.map((face) => header(face, 'col')))),
          h('tbody', {}, ...this.#faces.map((face, row) => this.#row(face, row))),
        ),
      ),
      legendOf(this.#faces.at(-1)!.thresholds),
    );
  }

  #row(face: SeenFace, row: number): HTMLTableRowElement {
    return h(
      'tr',
      {},
      header(face, 'row'),
      ...this.#faces.map((other, column) => {
        if (row === column) return h('td', { class: 'self' }, '·');
        const both = `${face.title} and ${other.title}`;
        // They came from services with other networks.
        if (face.facen.length !== other.facen.length)
          return h('td', { title: `${both} cannot be compared` }, '–');
        const alike = cosine(face.facen, other.facen);
        const { thresholds } = face;
        const verdict = thresholds && verdictOf(alike, thresholds);
        return h(
          'td',
          {
            class: verdict?.verdict.replaceAll(' ', '-'),
            title: verdict ? `${both}: ${verdict.verdict}, ${verdict.because}` : both,
          },
          alike.toFixed(2),
        );
      }),
    );
  }
}

function header({ portrait, title }: SeenFace, scope: 'row' | 'col'): HTMLTableCellElement {
  return h('th', { scope }, h('img', { src: portrait, alt: title, title, width: 40, height: 40 }));
}

/** The legend of the table's colours. */
function legendOf(thresholds: Thresholds | undefined): HTMLElement {
  if (!thresholds) {
    const text = 'Cosine of the feature vectors; what it means was not measured for these networks.';
    return h('p', { class: 'quiet' }, text);
  }
  const lines = verdicts.map(({ from, verdict, because }) => {
    // Rounded up, since a cosine below it is none of these.
    const range = from ? `${Math.ceil(1_000 * from(thresholds)) / 1_000} and more` : 'less';
    return h('li', { class: verdict.replaceAll(' ', '-') }, `${range}: ${verdict}, ${because}`);
  });
  return h('ul', { class: 'legend', 'aria-label': 'Cosine of the feature vectors' }, ...lines);
}
