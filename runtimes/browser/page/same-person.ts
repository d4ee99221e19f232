import { cosine } from '../../../src/face/facen-scale.ts';
import { type Thresholds, verdictOf } from '../../../src/face/verdict.ts';
import { byId, h } from './dom.ts';
import { decodeFacen } from './facen.ts';
import type { ChosenPicture } from './pictures.ts';
import type { JsonFace } from './service.ts';

/** The faces of a picture, largest first, with what their vectors' cosines mean. @throws Error for people */
export type FindFaces = (
  picture: ChosenPicture,
) => Promise<{ faces: readonly JsonFace[]; thresholds: Thresholds | undefined }>;

/** Words for each verdict, as an answer to the question above the slots. */
const answers = {
  'same person': 'Yes, the same person',
  unsure: 'Perhaps',
  'different people': 'No, different people',
} as const;

const slotText = 'Choose a picture, or drop it here';

/** Two slots for a picture each, and whether their largest faces are of one person. */
export class SamePerson {
  readonly #answer = byId('same-answer', HTMLElement);
  readonly #find: FindFaces;
  /** Vectors of the largest faces. */
  readonly #facens: [Float32Array | undefined, Float32Array | undefined] = [undefined, undefined];
  #thresholds: Thresholds | undefined;

  constructor(find: FindFaces) {
    this.#find = find;
    for (const slot of [0, 1] as const) {
      const root = byId(`same-${slot + 1}`, HTMLElement);
      const input = h('input', { type: 'file', accept: 'image/*', class: 'hidden' });
      const label = h('label', { class: 'slot', tabindex: 0 }, slotText, input);
      root.replaceChildren(label);
      input.addEventListener('change', () => {
        const [file] = input.files ?? [];
        if (file) void this.#take(slot, label, input, { blob: file, name: file.name });
        // The same file may be chosen again.
        input.value = '';
      });
      label.addEventListener('drop', (event) => {
        const file = event.dataTransfer?.files[0];
        if (!file) return;
        event.preventDefault();
        // The page would show it as its picture.
        event.stopPropagation();
        document.body.classList.remove('dragged');
        void this.#take(slot, label, input, { blob: file, name: file.name });
      });
      label.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' || event.key === ' ') input.click();
      });
    }
  }

  async #take(slot: 0 | 1, label: HTMLElement, input: HTMLElement, picture: ChosenPicture): Promise<void> {
    this.#facens[slot] = undefined;
    this.#answer.textContent = '';
    label.replaceChildren('Looking…', input);
    try {
      const { faces, thresholds } = await this.#find(picture);
      const [face] = faces;
      if (face?.facen === undefined || face.normalized === undefined) {
        label.replaceChildren('No face found. Choose another picture.', input);
        return;
      }
      const portrait = `data:image/png;base64,${face.normalized}`;
      this.#thresholds = thresholds;
      this.#facens[slot] = decodeFacen(face.facen);
      const others = faces.length - 1;
      label.replaceChildren(
        h('img', { src: portrait, alt: `The largest face of ${picture.name}` }),
        others > 0 ? `the largest of ${faces.length} faces` : picture.name,
        input,
      );
    } catch (error) {
      label.replaceChildren((error as Error).message, input);
      return;
    }
    this.#compare();
  }

  #compare(): void {
    const [first, second] = this.#facens;
    if (!first || !second) return;
    if (first.length !== second.length) {
      this.#answer.textContent = 'These two come from different networks: choose both once more.';
      return;
    }
    const alike = cosine(first, second);
    if (!this.#thresholds) {
      this.#answer.textContent = `Similarity ${alike.toFixed(2)}; what it means was not measured for these networks.`;
      return;
    }
    const { verdict, because } = verdictOf(alike, this.#thresholds);
    this.#answer.replaceChildren(
      h('strong', { class: verdict.replaceAll(' ', '-') }, answers[verdict]),
      h('span', { class: 'quiet' }, ` ${because} (similarity ${alike.toFixed(2)}).`),
    );
  }
}
