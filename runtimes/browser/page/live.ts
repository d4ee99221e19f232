import { callOf } from './call.ts';
import type { Camera } from './camera.ts';
import type { Options } from './options.ts';
import { Pace, type Rates } from './pace.ts';
import type { CallResult, JsonFace } from './service.ts';
import { Tracks } from './tracks.ts';

/** Pixels of the longest side of a frame that is looked at: enough for faces at a desk. */
const longestSide = 640;

/** Milliseconds from one description to the next at least: people read no faster. */
const describingPause = 250;

/** Milliseconds before the next frame is tried after an answer that is an error. */
const errorPause = 1_000;

/** Where a camera is looked at, and what is to become of it. */
export interface LiveView {
  /** The options at present. */
  readonly options: Options;
  /** True where two calls are computed at a time. */
  readonly parallel: boolean;
  send(picture: Blob, call: object): Promise<CallResult>;
  /** The newest place of each face, and its attributes so far. @param size of the frame in pixels */
  onFound(faces: readonly JsonFace[], size: { readonly width: number; readonly height: number }): void;
  /** A description, and the faces that it belongs to as they are now; or an error. */
  onAnswer(result: CallResult, faces: readonly JsonFace[]): void;
  onRates(rates: Rates): void;
}

/**
 * Looks at a camera until it is stopped. Two calls take turns by themselves, each with the newest frame
 * and only after its last answer, so that no frame ever waits: one finds faces, as often as it can; the
 * other one describes them.
 *
 * @throws Error where no answer comes
 */
export async function watch(camera: Camera, view: LiveView): Promise<void> {
  const tracks = new Tracks();
  await Promise.all([find(camera, view, tracks), describe(camera, view, tracks)]);
}

async function find(camera: Camera, view: LiveView, tracks: Tracks): Promise<void> {
  const pace = new Pace();
  for await (const number of camera.frames()) {
    const taken = performance.now();
    const { blob, ...size } = await camera.photograph(longestSide);
    const result = await view.send(blob, callOf({ ...view.options, region: undefined, needs: [] }));
    if (!camera.running) return;
    if (result.error) {
      view.onAnswer(result, []);
      await pause(errorPause);
      continue;
    }
    const faces = result.response?.faces ?? [];
    tracks.find(faces);
    view.onFound(tracks.faces, size);
    const rates = pace.count(faces.length, number, taken);
    if (rates) view.onRates(rates);
  }
}

async function describe(camera: Camera, view: LiveView, tracks: Tracks): Promise<void> {
  for await (const _ of camera.frames()) {
    // Nothing is compared meanwhile.
    const needs = view.options.needs.filter((need) => need !== 'need_facen');
    if (needs.length === 0) continue;
    const { blob } = await camera.photograph(longestSide);
    const result = await view.send(blob, callOf({ ...view.options, region: undefined, needs }));
    if (!camera.running) return;
    tracks.describe(result.response?.faces ?? []);
    view.onAnswer(result, tracks.faces);
    const least = result.error ? errorPause : describingPause - result.elapsed;
    // Finding comes first: it has half of a processor besides its own, or two thirds of the only one.
    await pause(Math.max(least, (view.parallel ? 1 : 2) * result.elapsed));
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
