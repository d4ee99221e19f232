import { callOf } from './call.ts';
import { CallPanel } from './call-panel.ts';
import type { Camera } from './camera.ts';
import { CameraControls } from './camera-controls.ts';
import { byId } from './dom.ts';
import { Latest } from './latest.ts';
import { watch } from './live.ts';
import { LocalService } from './local-service.ts';
import { OptionsForm } from './options.ts';
import { type ChosenPicture, listenForPictures, pickSample } from './pictures.ts';
import { Results } from './results.ts';
import { SamePerson } from './same-person.ts';
import { annotated, save } from './save.ts';
import { type CallResult, type JsonFace, Server } from './service.ts';
import { type ComputePlace, Services } from './services.ts';
import { SimilarityMatrix } from './similarity.ts';
import { Stage } from './stage.ts';
import { StatusLine } from './status-line.ts';
import { switchTheme } from './theme.ts';
import { TimingsTable } from './timings.ts';

/** A picture on the page. */
interface Shown extends ChosenPicture {
  /** Names it among all pictures of this visit. */
  readonly id: string;
}

const wholeButton = byId('whole', HTMLButtonElement);
const where = byId('where', HTMLElement);

const server = new Server();
const status = new StatusLine(server.url.host);
const services = new Services(
  new LocalService({
    onProgress: (progress) => status.showProgress(progress),
    onReady: (engine) => status.showEngine(engine),
  }),
  server,
);
const stage = new Stage(byId('stage', HTMLElement), byId('invitation', HTMLElement), {
  onFace: highlight,
  onRegion: (region) => options.chooseRegion(region),
});
const options = new OptionsForm(byId('options', HTMLFormElement), rerun, () => stage.startDrawing());
const results = new Results(highlight);
const call = new CallPanel();
const matrix = new SimilarityMatrix(byId('matrix', HTMLElement), byId('forget', HTMLButtonElement));
new SamePerson(async ({ blob }) => {
  const request = { image: 'multipart:sample', order: 'size', need_facen: true, need_normalized: true };
  const result = await services.send(blob, { requests: [request] }, options.value);
  if (result.error) throw new Error(sentence(result.error.desc));
  return { faces: result.response?.faces ?? [], thresholds: await services.thresholds() };
});
const timings = new TimingsTable(byId('timings', HTMLElement));
const controls = new CameraControls({
  onStart(camera) {
    picture = undefined;
    document.body.classList.remove('busy');
    clear();
    options.showCamera(true);
    stage.showVideo(camera.video, camera.facesUser);
    work.ask(() => live(camera));
  },
  onLeave: leaveCamera,
  onStop: () => options.showCamera(false),
  onPhoto: (blob) => void showPicture({ blob, name: 'photo.jpg' }),
  onProblem: (text) => results.showProblem(text),
});
const saveButton = byId('save-picture', HTMLButtonElement);
const work = new Latest();

let picture: Shown | undefined;
let pictures = 0;
/** The faces of the picture. */
let found: readonly JsonFace[] = [];
/** The call that the timings belong to. */
let timedCall = '';

listenForPictures(
  {
    dropZone: document.body,
    fileInput: byId('file', HTMLInputElement),
    chooseButton: byId('choose', HTMLButtonElement),
    pasteButton: byId('paste', HTMLButtonElement),
    samples: byId('samples', HTMLUListElement),
  },
  (file) => void showPicture(file),
  (text) => results.showProblem(text),
);
for (const input of where.querySelectorAll('input')) {
  input.addEventListener('change', () => setPlace(input.value as ComputePlace));
}
saveButton.addEventListener('click', async () => {
  if (stage.image && picture)
    save(await annotated(stage.image, found), `faces-of-${picture.name.replace(/\.\w+$/, '')}.jpg`);
});
wholeButton.addEventListener('click', () => options.chooseRegion(undefined));
switchTheme(byId('theme', HTMLElement));

void begin();

async function begin(): Promise<void> {
  byId('panel', HTMLDetailsElement).open = matchMedia('(min-width: 62rem)').matches;
  setPlace('browser');
  if ('serviceWorker' in navigator) {
    // Without it the page works all the same, but not offline.
    navigator.serviceWorker.register('sw.js').catch(() => undefined);
  }
  // Someone who has just come sees what a face tells before doing anything.
  await pickSample(1).then(
    (sample) => {
      if (!picture && !controls.running && pictures === 0) return showPicture(sample);
    },
    () => undefined,
  );
  if (await server.exists()) {
    where.querySelector<HTMLInputElement>('[value=server]')!.disabled = false;
    where.removeAttribute('title');
    byId('links', HTMLElement).hidden = false;
  }
}

function setPlace(place: ComputePlace): void {
  services.place = place;
  options.showPlace(place);
  byId('promise', HTMLElement).textContent =
    place === 'browser'
      ? 'It is computed in this browser and goes nowhere.'
      : `It is sent to the server at ${server.url.host}, which keeps nothing.`;
  status.showPlace(place);
  if (!controls.running) work.ask(() => services.prepare(options.value).catch(showFailure));
  rerun();
}

async function showPicture(file: ChosenPicture): Promise<void> {
  controls.stop();
  picture = undefined;
  options.chooseRegion(undefined);
  clear();
  pictures++;
  const url = URL.createObjectURL(file.blob);
  const shown = { ...file, id: `picture ${pictures}` };
  picture = shown;
  await stage.showPicture(url, file.name);
  URL.revokeObjectURL(url);
  if (picture === shown) rerun();
}

/** Asks again for the picture that is shown, since options may have changed. */
function rerun(): void {
  const asked = options.value;
  call.showCall(callOf(asked), picture?.name ?? 'photo.jpg', server.url, asked.key !== '');
  const shown = picture;
  wholeButton.hidden = !shown || !asked.region;
  if (!shown) return;
  document.body.classList.add('busy');
  results.showBusy();
  work.ask(async () => {
    await extract(shown).catch(showFailure);
    if (!work.waiting) document.body.classList.remove('busy');
  });
}

async function extract(shown: Shown): Promise<void> {
  const asked = options.value;
  const { place } = services;
  const request = callOf(asked);
  const result = await services.send(shown.blob, request, asked);
  const thresholds = await services.thresholds();
  // Another picture may have come meanwhile.
  if (picture !== shown) return;
  const timed = JSON.stringify([shown.id, request]);
  if (timed !== timedCall) timings.clear();
  timedCall = timed;
  timings.show(place, result);
  const faces = result.response?.faces ?? [];
  showAnswer(result);
  if (!result.error) results.show(faces);
  stage.draw(faces, asked.region);
  found = faces;
  saveButton.hidden = faces.length === 0 || !stage.image;
  matrix.see(shown.id, shown.name, faces, thresholds);
}

function showAnswer({ body, response, error }: CallResult): void {
  call.showAnswer(body);
  results.hideProblem();
  if (response?.warnings) results.showProblem(response.warnings.map(sentence).join(' '));
  if (!error) return;
  const hint = error.code === 'UNAUTHORIZED' ? ' The key goes into the field under Engine.' : '';
  results.clear();
  results.showProblem(`${sentence(error.desc)}${hint}`, error.code);
}

/** A failure for which the contract has no words: no network, no engine. */
function showFailure(error: unknown): void {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  status.showFailure();
  results.showFailure(`That did not work: ${reason}.`);
}

/** A description of the contract as a sentence. */
function sentence(description: string): string {
  return `${description.charAt(0).toUpperCase()}${description.slice(1)}${/[.!?]$/.test(description) ? '' : '.'}`;
}

function highlight(index: number | undefined): void {
  stage.highlight(index);
  results.highlight(index);
}

function clear(): void {
  found = [];
  saveButton.hidden = true;
  results.clear();
  timings.clear();
  call.showAnswer('');
}

/** Looks at a camera until it is stopped. */
async function live(camera: Camera): Promise<void> {
  try {
    await watch(camera, {
      get options() {
        return options.value;
      },
      get parallel() {
        return services.place === 'server' || status.threads > 1;
      },
      send: (frame, request) => services.send(frame, request, options.value),
      onFound(faces, size) {
        stage.draw(faces, undefined, size);
        if (faces.length !== results.count) results.show(faces);
      },
      onAnswer(result, faces) {
        showAnswer(result);
        if (!result.error) results.show(faces);
      },
      onRates: (rates) => controls.showRates(rates),
    });
  } catch (error) {
    if (!camera.running) return;
    leaveCamera();
    showFailure(error);
  }
}

/** Nothing comes in the camera's place. */
function leaveCamera(): void {
  controls.stop();
  stage.clear();
  clear();
}
