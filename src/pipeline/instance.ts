import { PhizError } from '../errors.ts';
import { alignFaces, chipOf, faceOf } from '../face/align-faces.ts';
import { assess } from '../face/assess.ts';
import type { AlignedFace } from '../face/face.ts';
import { area, type Box, intersect, wholeOf } from '../image/geometry.ts';
import type { Picture } from '../image/picture.ts';
import { findInAllOrientations } from './auto-rotate.ts';
import type { Ports } from './create-instance.ts';
import { describe } from './describe.ts';
import type { ExtractOptions } from './extraction.ts';
import type { Models } from './models.ts';
import { selectFaces } from './select-faces.ts';
import type { AttributeModels } from './settings.ts';
import { createStopwatch } from './stopwatch.ts';
import type { Checkpoint, Instance, LocatedFaces, LocatedOutcome, OpenPicture } from './work.ts';

/**
 * One set of networks at work in the calling thread.
 *
 * @param enabled the model of each attribute that has one of its own; '' for none
 */
export function instanceWith(models: Models, decode: Ports['decode'], enabled: AttributeModels): Instance {
  async function locateIn(
    picture: Picture,
    request: ExtractOptions,
    checkpoint: Checkpoint,
  ): Promise<LocatedFaces> {
    const off = request.attributes?.find(
      (name) => name in enabled && !enabled[name as keyof AttributeModels],
    );
    if (off) throw new PhizError('MODEL_UNAVAILABLE', `The model for ${off} is switched off`);
    const { time, timings } = createStopwatch();
    const { width, height } = picture;
    const region = regionOf(picture, request.region);
    const choice = request.detector ?? 'primary';
    const common = { width, height, timings };
    const boxesOnly = !request.attributes?.length;
    if (choice === 'none') {
      if (boxesOnly) return { ...common, aligned: false, faces: [{ box: region, confidence: 1 }] };
      return { ...common, aligned: true, faces: [await time('align', () => chipOf(picture, region))] };
    }
    const detect = (view: Picture, within: Box) =>
      time('detect', async () => (await models.detector(choice)).detect(view, within));
    const find = async (view: Picture, within: Box, only: ExtractOptions) => {
      const detections = await detect(view, within);
      const found = detections.map((detection) => ({ ...faceOf(detection, view), detection }));
      return selectFaces(found, only);
    };
    if (boxesOnly && !request.autoRotate) {
      const found = await find(picture, region, request);
      return { ...common, aligned: false, faces: found.map(({ detection: _, ...face }) => face) };
    }
    const findAligned = async (view: Picture, within: Box, only: ExtractOptions) => {
      const detections = (await find(view, within, only)).map(({ detection }) => detection);
      checkpoint();
      return time('align', async () => alignFaces(await models.mesh(), view, detections));
    };
    const rate = async (faces: readonly AlignedFace[]) => {
      const assessments = await time('quality', async () => assess(await models.landmarker(), faces));
      checkpoint();
      return assessments;
    };
    // Orientations are compared by all of their detections: the request's limits come after.
    const faces = request.autoRotate
      ? selectFaces(
          await findInAllOrientations(picture, region, (view, within) => findAligned(view, within, {}), rate),
          request,
        )
      : await findAligned(picture, region, request);
    return { ...common, aligned: true, faces };
  }

  async function open(
    bytes: Uint8Array,
    requests: readonly ExtractOptions[],
    checkpoint: Checkpoint,
  ): Promise<OpenPicture> {
    const { time, timings } = createStopwatch();
    return { picture: await time('decode', () => decode(bytes, requests, checkpoint)), timings };
  }

  return {
    ready: () => models.load(),
    open,
    async locate(source, requests, checkpoint) {
      let opened: OpenPicture;
      try {
        opened = source instanceof Uint8Array ? await open(source, requests, checkpoint) : source;
      } catch (error) {
        return requests.map(() => failure(error));
      }
      const { picture, timings } = opened;
      const outcomes: LocatedOutcome[] = [];
      for (const request of requests) {
        checkpoint();
        try {
          const sighting = await locateIn(picture, request, checkpoint);
          const { warnings } = picture;
          const value = {
            ...sighting,
            ...(warnings && { warnings }),
            timings: { ...timings, ...sighting.timings },
          };
          outcomes.push({ ok: true, value });
        } catch (error) {
          outcomes.push(failure(error));
        }
      }
      return outcomes;
    },
    describe: (...job) => describe(models, ...job),
    help: (pass) => models.help(pass),
    close: () => models.close(),
  };
}

/** An expected error as an outcome; anything else is a fault of ours and goes on up. */
function failure(error: unknown): LocatedOutcome {
  if (error instanceof PhizError) return { ok: false, error };
  throw error;
}

/** The part of a picture to look at: whole pixels, however thin what was asked for. @throws PhizError `BAD_ROI` */
function regionOf(picture: Picture, region: Box | undefined): Box {
  const whole = wholeOf(picture);
  if (!region) return whole;
  for (const [low, high] of [
    ['left', 'right'],
    ['top', 'bottom'],
  ] as const) {
    if (region[low] < region[high]) continue;
    throw new PhizError(
      'BAD_ROI',
      `expected ${low} to be less than ${high} in the region, got ${low} ${region[low]} and ${high} ${region[high]}`,
    );
  }
  const common = intersect(whole, region);
  if (area(common) > 0) {
    return {
      left: Math.floor(common.left),
      top: Math.floor(common.top),
      right: Math.ceil(common.right),
      bottom: Math.ceil(common.bottom),
    };
  }
  const { left, top, right, bottom } = region;
  throw new PhizError(
    'BAD_ROI',
    `the region (${left}, ${top})–(${right}, ${bottom}) has no pixel in common with the picture of ` +
      `${picture.width}×${picture.height}`,
  );
}
