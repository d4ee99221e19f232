import { h, withVariable } from './dom.ts';
import { decodeFacen } from './facen.ts';
import type { JsonFace } from './service.ts';

/** Faces that are remembered; the oldest go first. */
const mostFaces = 16;

/** Cosines as colours: below the first a cell is empty, from the second on it is full. */
const colourFrom = 0.8;
const colourTo = 0.96;

/**
 * Above this were 1 in 1000 pairs of different people, and 71 in 100 of one person, with the network
 * that ships (verification in the README).
 */
const alike = 0.932;

interface SeenFace {
  readonly picture: string;
  readonly title: string;
  readonly portrait: string;
  readonly facen: Float32Array;
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
  see(picture: string, title: string, faces: readonly JsonFace[]): void {
    const seen = faces.flatMap(({ facen, normalized }, index): SeenFace[] =>
      facen === undefined || normalized === undefined
        ? []
        : [
            {
              picture,
              title: `${title}, face ${index + 1}`,
              portrait: `data:image/png;base64,${normalized}`,
              facen: decodeFacen(facen),
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
      h(
        'p',
        { class: 'quiet' },
        `Cosine of the feature vectors; bold above ${alike}. With the network that ships, 1 in 1000 pairs of different people came above that, and 71 in 100 pairs of one person.`,
      ),
    );
  }

  #row(face: SeenFace, row: number): HTMLTableRowElement {
    return h(
      'tr',
      {},
      header(face, 'row'),
      ...this.#faces.map((other, column) => {
        if (row === column) return h('td', { class: 'self' }, '·');
        const cosine = dot(face.facen, other.facen);
        const share = Math.min(Math.max((cosine - colourFrom) / (colourTo - colourFrom), 0), 1);
        const cell = h(
          'td',
          { class: cosine > alike ? 'alike' : '', title: `${face.title} and ${other.title}` },
          cosine.toFixed(2),
        );
        return withVariable(cell, 'share', share.toFixed(3));
      }),
    );
  }
}

function header({ portrait, title }: SeenFace, scope: 'row' | 'col'): HTMLTableCellElement {
  return h('th', { scope }, h('img', { src: portrait, alt: title, title, width: 40, height: 40 }));
}

function dot(first: Float32Array, second: Float32Array): number {
  return first.reduce((sum, value, index) => sum + value * (second[index] as number), 0);
}
