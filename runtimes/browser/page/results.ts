import { byId, h } from './dom.ts';
import { faceCard } from './faces.ts';
import type { JsonFace } from './service.ts';

/** The answer: a card for each face, or the problem. */
export class Results {
  readonly #title = byId('results-title', HTMLElement);
  readonly #problem = byId('problem', HTMLElement);
  readonly #list = byId('faces', HTMLOListElement);
  readonly #nothing = byId('no-faces', HTMLElement);
  readonly #onPoint: (index: number | undefined) => void;

  /** @param onPoint told which face is pointed at; undefined: none */
  constructor(onPoint: (index: number | undefined) => void) {
    this.#onPoint = onPoint;
  }

  /** The number of cards. */
  get count(): number {
    return this.#list.childElementCount;
  }

  /** Removes the cards and the problem. */
  clear(): void {
    this.hideProblem();
    this.#show([], 'Faces');
  }

  /** A picture is being looked at; what is known of the last stays. */
  showBusy(): void {
    this.hideProblem();
    this.#title.textContent = 'Looking…';
  }

  show(faces: readonly JsonFace[]): void {
    this.#show(faces, faces.length === 0 ? 'No face found' : counted(faces.length));
  }

  /** @param text a sentence for people; @param code what a program would go by, if there is one */
  showProblem(text: string, code?: string): void {
    this.#problem.replaceChildren(text, ...(code ? [h('code', {}, code)] : []));
    this.#problem.hidden = false;
  }

  hideProblem(): void {
    this.#problem.hidden = true;
  }

  /** A call gave nothing. */
  showFailure(text: string): void {
    this.#title.textContent = 'Faces';
    this.showProblem(text);
  }

  highlight(index: number | undefined): void {
    for (const [position, card] of [...this.#list.children].entries()) {
      card.classList.toggle('chosen', position === index);
    }
  }

  #show(faces: readonly JsonFace[], title: string): void {
    // It is read out whenever it is set.
    if (this.#title.textContent !== title) this.#title.textContent = title;
    this.#nothing.hidden = faces.length > 0;
    this.#list.replaceChildren(
      ...faces.map((face, index) => faceCard(face, index, (on) => this.#onPoint(on ? index : undefined))),
    );
  }
}

const counted = (number: number) => `${number} face${number === 1 ? '' : 's'}`;
