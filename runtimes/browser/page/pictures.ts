import { h } from './dom.ts';

/** A picture on its way to the engine. */
export interface ChosenPicture {
  readonly blob: Blob;
  /** For people, and for the curl command. */
  readonly name: string;
}

/** Pictures that come with the page, as the build has staged them. */
const sampleNumbers = [1, 2, 3, 4, 5, 6];

/** All the ways in which a picture can be handed to the page. */
export interface PictureInputs {
  readonly dropZone: HTMLElement;
  readonly fileInput: HTMLInputElement;
  readonly chooseButton: HTMLButtonElement;
  readonly pasteButton: HTMLButtonElement;
  readonly samples: HTMLUListElement;
}

/** Tells `onPicture` of every picture that is dropped, pasted, chosen or picked; `onProblem` why not. */
export function listenForPictures(
  { dropZone, fileInput, chooseButton, pasteButton, samples }: PictureInputs,
  onPicture: (picture: ChosenPicture) => void,
  onProblem: (problem: string) => void,
): void {
  const take = (files: FileList | undefined | null) => {
    const file = files?.[0];
    if (file) onPicture({ blob: file, name: file.name });
  };

  chooseButton.addEventListener('click', () => fileInput.click());
  fileInput.addEventListener('change', () => {
    take(fileInput.files);
    // The same file may be chosen again.
    fileInput.value = '';
  });

  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    dropZone.classList.add('dragged');
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) dropZone.classList.remove('dragged');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    dropZone.classList.remove('dragged');
    if (event.dataTransfer?.files.length) take(event.dataTransfer.files);
    else onProblem('Drop a picture file: what was dropped is none.');
  });

  document.addEventListener('paste', (event) => {
    if (event.clipboardData?.files.length) take(event.clipboardData.files);
  });
  pasteButton.addEventListener('click', () => {
    readClipboard().then(
      (blob) =>
        blob ? onPicture({ blob, name: 'pasted.png' }) : onProblem('There is no picture in the clipboard.'),
      () => onProblem('The browser does not hand out the clipboard here: press Ctrl+V or ⌘V instead.'),
    );
  });

  samples.append(...sampleNumbers.map((number) => sampleItem(number, onPicture, onProblem)));
}

/** One of the samples, by its number. @throws Error where it cannot be loaded */
export async function pickSample(number: number): Promise<ChosenPicture> {
  const name = sampleName(number);
  const response = await fetch(sampleUrl(number));
  if (!response.ok) throw new Error(`status ${response.status}`);
  return { blob: await response.blob(), name };
}

const sampleName = (number: number) => `sample${number}.jpg`;
const sampleUrl = (number: number) => `page/samples/${sampleName(number)}`;

function sampleItem(
  number: number,
  onPicture: (picture: ChosenPicture) => void,
  onProblem: (problem: string) => void,
): HTMLLIElement {
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        click: () =>
          void pickSample(number).then(onPicture, (error: Error) =>
            onProblem(`${sampleName(number)} could not be loaded: ${error.message}.`),
          ),
      },
      h('img', { src: sampleUrl(number), alt: `Sample ${number}`, loading: 'lazy', width: 96, height: 64 }),
    ),
  );
}

async function readClipboard(): Promise<Blob | undefined> {
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((candidate) => candidate.startsWith('image/'));
    if (type) return item.getType(type);
  }
  return undefined;
}
