import { curlOf } from './call.ts';
import { byId } from './dom.ts';
import { jsonView } from './json-view.ts';
import { save } from './save.ts';

/** The answer as the API gave it, and the same call for a shell; both can be copied. */
export class CallPanel {
  readonly #curl = byId('curl', HTMLElement);
  readonly #answer = byId('answer', HTMLElement);
  #answerText = '';

  constructor() {
    const texts = { curl: () => this.#curl.textContent ?? '', answer: () => this.#answerText };
    for (const [name, text] of Object.entries(texts)) {
      const button = byId(`copy-${name}`, HTMLButtonElement);
      button.addEventListener('click', () => void copy(text(), button));
    }
    byId('save-answer', HTMLButtonElement).addEventListener('click', () => {
      if (this.#answerText) save(new Blob([this.#answerText], { type: 'application/json' }), 'faces.json');
    });
  }

  showCall(...call: Parameters<typeof curlOf>): void {
    this.#curl.textContent = curlOf(...call);
  }

  /** @param body of the answer, JSON; empty: there is none yet */
  showAnswer(body: string): void {
    this.#answerText = body;
    this.#answer.replaceChildren(...(body ? jsonView(body) : []));
  }
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  try {
    // Not there in pages that came over plain HTTP.
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed here';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 1_500);
}
