import { type BackendName, backendNames } from '../index.ts';
import { h } from './dom.ts';

/** Left, top, right and bottom in pixels of the picture; right and bottom are exclusive. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The values of the form. */
export interface Options {
  readonly detector: string;
  readonly autoRotate: boolean;
  readonly minFaceSize: number;
  readonly region: Region | undefined;
  /** The `need_…` keys that are ticked. */
  readonly needs: readonly string[];
  readonly backend: BackendName;
  readonly key: string;
}

const detectors = [
  ['nnd', 'Accurate', 'nnd'],
  ['legacy', 'Fast', 'legacy'],
  ['prenormalized', 'None', 'prenormalized'],
] as const;

const needs = [
  ['need_facen', 'Feature vector'],
  ['need_gender', 'Gender'],
  ['need_age', 'Age'],
  ['need_emotions', 'Emotions'],
  ['need_normalized', 'Normalised face'],
  ['need_landmarks', 'Landmarks'],
  ['need_headpose', 'Head pose'],
  ['need_quality', 'Quality'],
] as const;

const backendTitles: Record<BackendName, string> = {
  kernels: "phiz's own kernels",
  onnxruntime: 'onnxruntime-web',
  webgpu: 'onnxruntime-web on WebGPU',
};

/** Least size of a face in pixels for which detection is guaranteed: the default of the service. */
const defaultFaceSize = 30;

const sides = ['left', 'top', 'right', 'bottom'] as const;

/** The form with the options of the contract. */
export class OptionsForm {
  readonly #form: HTMLFormElement;
  readonly #sides: Record<(typeof sides)[number], HTMLInputElement>;
  readonly #regionFields: HTMLFieldSetElement;
  readonly #onChange: () => void;
  /** The detector of pictures while that of the camera is chosen. */
  #detectorBefore: string | undefined;
  readonly #keyField: HTMLElement;
  readonly #serverNote: HTMLElement;

  /**
   * @param onChange told when something else is asked for
   * @param onDraw told when a region is to be drawn
   */
  constructor(form: HTMLFormElement, onChange: () => void, onDraw: () => void) {
    this.#form = form;
    this.#onChange = onChange;
    this.#sides = Object.fromEntries(
      sides.map((side) => [
        side,
        h('input', { type: 'number', min: 0, step: 1, name: side, id: `roi-${side}` }),
      ]),
    ) as Record<(typeof sides)[number], HTMLInputElement>;
    this.#regionFields = h(
      'fieldset',
      {},
      h('legend', {}, 'Region'),
      h(
        'div',
        { class: 'sides' },
        ...sides.map((side) => h('label', { class: 'field' }, side, this.#sides[side])),
      ),
      h('div', { class: 'tools' }, h('button', { type: 'button', click: onDraw }, 'Draw on the picture')),
    );
    this.#keyField = h(
      'label',
      { class: 'field', hidden: true },
      'API key of the server',
      h('input', { type: 'password', name: 'key', autocomplete: 'off' }),
    );
    this.#serverNote = h(
      'p',
      { class: 'quiet', hidden: true },
      'Least face size, and whether auto-rotation is possible, are set in the configuration of the server.',
    );
    form.append(
      h(
        'fieldset',
        {},
        h('legend', {}, 'Detector'),
        ...detectors.map(([value, title, word]) =>
          h(
            'label',
            {},
            h('input', { type: 'radio', name: 'detector', value, checked: value === 'nnd' }),
            ` ${title} `,
            h('code', {}, word),
          ),
        ),
        h(
          'label',
          {},
          h('input', { type: 'checkbox', name: 'auto_rotate' }),
          ' Look in all four orientations',
        ),
        h(
          'label',
          { class: 'field' },
          'Least face size, pixels',
          h('input', { type: 'number', name: 'min_face_size', min: 1, max: 2000, value: defaultFaceSize }),
        ),
        this.#serverNote,
      ),
      h(
        'fieldset',
        {},
        h('legend', {}, 'Return'),
        ...needs.map(([name, title]) =>
          h('label', {}, h('input', { type: 'checkbox', name, checked: true }), ` ${title}`),
        ),
      ),
      h(
        'div',
        { class: 'column' },
        this.#regionFields,
        h(
          'fieldset',
          {},
          h('legend', {}, 'Engine'),
          h(
            'label',
            { class: 'field' },
            'Networks in this browser run on',
            h(
              'select',
              { name: 'backend' },
              ...backendNames
                .filter((name) => name !== 'webgpu' || hasWebGpu)
                .map((name) => h('option', { value: name }, backendTitles[name])),
            ),
          ),
          this.#keyField,
        ),
      ),
    );
    form.addEventListener('change', onChange);
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  get value(): Options {
    const data = new FormData(this.#form);
    const region = Object.fromEntries(sides.map((side) => [side, this.#sides[side].valueAsNumber]));
    return {
      detector: String(data.get('detector')),
      autoRotate: data.has('auto_rotate'),
      minFaceSize: Math.max(1, Number(data.get('min_face_size')) || defaultFaceSize),
      region: Object.values(region).some(Number.isNaN) ? undefined : (region as unknown as Region),
      needs: needs.map(([name]) => name).filter((name) => data.has(name)),
      backend: String(data.get('backend')) as BackendName,
      key: String(data.get('key') ?? '').trim(),
    };
  }

  /** Asks for a region; undefined: for the whole picture. */
  chooseRegion(region: Region | undefined): void {
    for (const side of sides) this.#sides[side].value = region ? String(region[side]) : '';
    this.#onChange();
  }

  /** A camera is looked at whole, and by the fast detector unless another is chosen then. */
  showCamera(running: boolean): void {
    this.#regionFields.disabled = running;
    const detector = this.#form.elements.namedItem('detector') as RadioNodeList;
    if (running) {
      this.#detectorBefore = detector.value;
      if (detector.value === 'nnd') detector.value = 'legacy';
    } else if (this.#detectorBefore && detector.value === 'legacy') {
      detector.value = this.#detectorBefore;
    }
    this.#onChange();
  }

  /** Shows what can be chosen for the place where pictures are computed. */
  showPlace(place: 'browser' | 'server'): void {
    const here = place === 'browser';
    for (const name of ['min_face_size', 'backend']) {
      (this.#form.elements.namedItem(name) as HTMLInputElement).disabled = !here;
    }
    this.#serverNote.hidden = here;
    this.#keyField.hidden = here;
  }
}

/** True where this browser has WebGPU, and the way in which onnxruntime-web waits for it. */
const hasWebGpu = 'gpu' in navigator && 'Suspending' in WebAssembly;
