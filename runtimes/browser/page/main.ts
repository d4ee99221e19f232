import { callOf, configOf, curlOf } from './call.ts';
import { Camera, Pace } from './camera.ts';
import { byId } from './dom.ts';
import { faceCard } from './faces.ts';
import { jsonView } from './json-view.ts';
import { Latest } from './latest.ts';
import { LocalService } from './local-service.ts';
import { OptionsForm } from './options.ts';
import { listenForPictures, type PictureFile } from './pictures.ts';
import { type CallResult, type JsonFace, Server, send } from './service.ts';
import { SimilarityMatrix } from './similarity.ts';
import { Stage } from './stage.ts';
import { StatusLine } from './status-line.ts';
import { type Place, TimingsTable } from './timings.ts';

/** A picture on the page. */
interface Shown extends PictureFile {
  /** Names it among all pictures of this visit. */
  readonly id: string;
}

const problem = byId('problem', HTMLElement);
const title = byId('results-title', HTMLElement);
const faceList = byId('faces', HTMLOListElement);
const noFaces = byId('no-faces', HTMLElement);
const curl = byId('curl', HTMLElement);
const answer = byId('answer', HTMLElement);
const cameraButton = byId('camera', HTMLButtonElement);
const photographButton = byId('photograph', HTMLButtonElement);
const pace = byId('pace', HTMLOutputElement);

const server = new Server();
const status = new StatusLine(
  byId('status', HTMLElement),
  byId('loading', HTMLProgressElement),
  server.url.host,
);
const local = new LocalService({
  onProgress: (progress) => status.showProgress(progress),
  onReady: (engine) => status.showEngine(engine),
});
const stage = new Stage(byId('stage', HTMLElement), byId('invitation', HTMLElement), {
  onFace: highlight,
  onRegion(region) {
    options.showRegion(region);
    rerun();
  },
});
const options = new OptionsForm(byId('options', HTMLFormElement), rerun, () => stage.startDrawing());
const matrix = new SimilarityMatrix(byId('matrix', HTMLElement), byId('forget', HTMLButtonElement));
const timings = new TimingsTable(byId('timings', HTMLElement));
const work = new Latest();

let place: Place = 'browser';
let picture: Shown | undefined;
let camera: Camera | undefined;
let pictures = 0;
/** The call that the timings belong to. */
let timedCall = '';
let answerText = '';

listenForPictures(
  {
    dropZone: document.body,
    fileInput: byId('file', HTMLInputElement),
    chooseButton: byId('choose', HTMLButtonElement),
    pasteButton: byId('paste', HTMLButtonElement),
    samples: byId('samples', HTMLUListElement),
  },
  (file) => void showPicture(file),
  showProblem,
);
for (const input of byId('where', HTMLElement).querySelectorAll('input')) {
  input.addEventListener('change', () => setPlace(input.value as Place));
}
cameraButton.addEventListener('click', () => {
  if (camera) stopCamera();
  else void startCamera();
});
photographButton.addEventListener('click', () => void photograph());
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  button.addEventListener('click', () => void copy(button));
}
byId('theme', HTMLElement).addEventListener('click', () => {
  const { colorScheme } = getComputedStyle(document.documentElement);
  const dark =
    colorScheme === 'dark' || (colorScheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', !dark);
  document.documentElement.classList.toggle('light', dark);
});

void begin();

async function begin(): Promise<void> {
  byId('panel', HTMLDetailsElement).open = matchMedia('(min-width: 62rem)').matches;
  showCall();
  setPlace('browser');
  if ('serviceWorker' in navigator) {
    // Without it the page works all the same, but not offline.
    navigator.serviceWorker.register('sw.js').catch(() => undefined);
  }
  if (await server.exists()) {
    byId('where', HTMLElement).querySelector<HTMLInputElement>('[value=server]')!.disabled = false;
  }
}

function setPlace(next: Place): void {
  place = next;
  options.showPlace(place);
  byId('promise', HTMLElement).textContent =
    place === 'browser'
      ? 'It is computed in this browser and goes nowhere.'
      : `It is sent to the server at ${server.url.host}, which keeps nothing.`;
  status.showPlace(place);
  if (place === 'browser') work.ask(() => local.start(options.value).catch(showFailure));
  rerun();
}

async function showPicture(file: PictureFile): Promise<void> {
  stopCamera();
  pictures++;
  picture = { ...file, id: `picture ${pictures}` };
  options.showRegion(undefined);
  clearResults();
  const url = URL.createObjectURL(file.blob);
  await stage.showPicture(url, file.name);
  URL.revokeObjectURL(url);
  rerun();
}

/** What is asked for may have changed. */
function rerun(): void {
  showCall();
  const shown = picture;
  if (!shown || camera) return;
  document.body.classList.add('busy');
  title.textContent = 'Looking…';
  problem.hidden = true;
  work.ask(async () => {
    try {
      await extract(shown);
    } catch (error) {
      showFailure(error);
    }
    if (!work.waiting) document.body.classList.remove('busy');
  });
}

async function extract(shown: Shown): Promise<void> {
  const asked = options.value;
  const call = callOf(asked);
  const where = place;
  const result = await sendTo(where, shown.blob, call);
  // Another picture may have come meanwhile.
  if (picture !== shown) return;
  const timed = JSON.stringify([shown.id, call]);
  if (timed !== timedCall) timings.clear();
  timedCall = timed;
  timings.show(where, result);
  showResult(result);
  stage.draw(result.response?.faces ?? [], asked.region);
  matrix.see(shown.id, shown.name, result.response?.faces ?? []);
}

async function sendTo(where: Place, blob: Blob, call: object): Promise<CallResult> {
  const asked = options.value;
  if (where === 'browser') {
    local.config = configOf(asked);
    await local.start(asked);
    return send(local, server.url, blob, call);
  }
  server.key = asked.key;
  return send(server, server.url, blob, call);
}

function showCall(): void {
  const url = server.url;
  curl.textContent = curlOf(
    callOf(options.value),
    picture?.name ?? 'photo.jpg',
    url,
    options.value.key !== '',
  );
}

function showResult({ body, response, error }: CallResult): void {
  answerText = body;
  answer.replaceChildren(...jsonView(body));
  if (error) {
    const hint = error.code === 'UNAUTHORIZED' ? ' The key goes into the field under Engine.' : '';
    showProblem(`${error.code}: ${error.desc}.${hint}`);
  } else problem.hidden = true;
  showFaces(response?.faces ?? [], error === undefined);
}

function showFaces(faces: readonly JsonFace[], found: boolean): void {
  title.textContent = faces.length === 0 ? (found ? 'No face found' : 'Faces') : count(faces.length, 'face');
  noFaces.hidden = faces.length > 0;
  faceList.replaceChildren(
    ...faces.map((face, index) => faceCard(face, index, (on) => highlight(on ? index : undefined))),
  );
}

function clearResults(): void {
  problem.hidden = true;
  timings.clear();
  answer.replaceChildren();
  answerText = '';
  showFaces([], false);
}

function highlight(index: number | undefined): void {
  stage.highlight(index);
  for (const [position, card] of [...faceList.children].entries()) {
    card.classList.toggle('chosen', position === index);
  }
}

function showProblem(text: string): void {
  problem.textContent = text;
  problem.hidden = false;
}

/** A failure for which the contract has no words: no network, no engine. */
function showFailure(error: unknown): void {
  title.textContent = 'Faces';
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  status.showFailure();
  showProblem(`That did not work: ${reason}.`);
}

async function startCamera(): Promise<void> {
  cameraButton.disabled = true;
  try {
    camera = await Camera.start();
  } catch (error) {
    showProblem(`The camera cannot be used: ${(error as Error).message}.`);
    return;
  } finally {
    cameraButton.disabled = false;
  }
  picture = undefined;
  document.body.classList.remove('busy');
  clearResults();
  stage.showVideo(camera.video, camera.facesUser);
  cameraButton.textContent = 'Stop the camera';
  photographButton.hidden = false;
  pace.hidden = false;
  pace.textContent = '';
  const running = camera;
  work.ask(() => watch(running).catch(showFailure));
}

/**
 * Looks at the newest frame, again and again: while one thread describes the faces of a frame,
 * another finds those of the next.
 */
async function watch(running: Camera): Promise<void> {
  const counted = new Pace();
  let sent = 0;
  let shown = 0;
  const look = async () => {
    while (camera === running) {
      const frame = await running.nextFrame();
      if (!frame) return;
      const number = ++sent;
      const result = await sendTo(place, frame, liveCall());
      if (camera !== running) return;
      const faces = result.response?.faces ?? [];
      const { frames, faces: perSecond } = counted.count(faces.length);
      pace.textContent = `${perSecond.toFixed(1)} faces/s · ${frames.toFixed(1)} frames/s`;
      // A later frame may have been answered sooner.
      if (number < shown) continue;
      shown = number;
      showResult(result);
      stage.draw(faces, undefined, running.frameSize);
    }
  };
  await Promise.all(Array.from({ length: framesAtATime() }, look));
}

/** What is asked of a frame: fast is better than thorough, and nothing is compared meanwhile. */
function liveCall(): object {
  const asked = options.value;
  return callOf({
    ...asked,
    detector: asked.detector === 'nnd' ? 'legacy' : asked.detector,
    autoRotate: false,
    region: undefined,
    needs: asked.needs.filter((need) => need !== 'need_facen'),
  });
}

function stopCamera(): void {
  camera?.stop();
  camera = undefined;
  cameraButton.textContent = 'Camera';
  photographButton.hidden = true;
  pace.hidden = true;
}

async function photograph(): Promise<void> {
  const blob = await camera?.photograph(Number.POSITIVE_INFINITY);
  if (blob) await showPicture({ blob, name: 'photo.jpg' });
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = button.dataset.copy === 'curl' ? (curl.textContent ?? '') : answerText;
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

/** More would only wait for each other. */
const framesAtATime = () => (place === 'browser' && status.threads === 1 ? 1 : 2);

const count = (number: number, thing: string) => `${number} ${thing}${number === 1 ? '' : 's'}`;
