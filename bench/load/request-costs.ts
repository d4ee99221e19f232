import { Agent } from 'node:http';
import sharp from 'sharp';
import { type HttpCall, jsonCall, multipartCall, post } from '../http.ts';
import { everythingOnTheWire } from '../speed/everything.ts';
import { closedLoop, during } from './client.ts';
import { costOf, startRemembering, startServer } from './server.ts';

/** The cost of one kind of request. */
export interface RequestCost {
  readonly name: string;
  /** Processor time of the service a request, in seconds. */
  readonly coreSeconds: number;
  /** Of that what its instance does. */
  readonly instanceSeconds: number;
  /** Of its main thread where that has no pause: there is one of them, however many cores there are. */
  readonly mainSeconds: number;
}

interface Kind {
  readonly name: string;
  readonly call: HttpCall;
}

/** Of a portrait's side: the face in its middle. */
const faceOfPortrait = 0.4;

/** Clients that keep a main thread busy whose instances answer from memory. */
const manyClients = 16;

/** Seconds until its code is compiled as it is where calls come all day. */
const warmUp = 3;

/** Costs of requests on a picture, on its first face cut out and on that face normalised. */
export async function measureRequestCosts(picture: Uint8Array, seconds: number): Promise<RequestCost[]> {
  const server = await startServer('model_instances: 1\n');
  const busy = await startRemembering('');
  try {
    const costs: RequestCost[] = [];
    for (const { name, call } of await kindsOf(picture, server.url)) {
      await closedLoop(server.url, call, 1, during(seconds / 4));
      const { coreSeconds, mainSeconds: pausing } = await costOf(server, call, 1, seconds);
      // A main thread that mostly sleeps takes three times as long for a call, since its code and data are cold.
      await closedLoop(busy.url, call, manyClients, during(warmUp));
      const { mainSeconds } = await costOf(busy, call, manyClients, seconds / 2);
      costs.push({ name, coreSeconds, instanceSeconds: coreSeconds - pausing, mainSeconds });
    }
    return costs;
  } finally {
    await Promise.all([server.stop(), busy.stop()]);
  }
}

/** @throws if no face is in the picture */
async function kindsOf(picture: Uint8Array, url: string): Promise<Kind[]> {
  const agent = new Agent();
  const { body } = await post(url, agent, multipartCall(picture, { need_normalized: true }));
  const { faces } = JSON.parse(body.toString()).responses[0];
  if (faces.length === 0) throw new Error('the picture has no face');
  const { width, height } = await sharp(picture).metadata();
  const frame = `${width}×${height}, ${faces.length} ${faces.length === 1 ? 'face' : 'faces'}`;
  const portrait = await sharp(picture)
    .extract(around(faces[0].bbox, width, height))
    .jpeg()
    .toBuffer();
  const size = await sharp(portrait).metadata();
  const chip = Buffer.from(faces[0].normalized, 'base64');
  const prenormalized = { detector: 'prenormalized' };
  return [
    { name: `${frame}, boxes only`, call: multipartCall(picture, {}) },
    { name: `${frame}, facen`, call: multipartCall(picture, { need_facen: true }) },
    { name: `${frame}, everything`, call: multipartCall(picture, everythingOnTheWire) },
    { name: `${frame}, everything, base64 in JSON`, call: jsonCall(picture, everythingOnTheWire) },
    {
      name: `its first face in ${size.width}×${size.height}, everything`,
      call: multipartCall(portrait, everythingOnTheWire),
    },
    {
      name: 'that face normalised, facen',
      call: multipartCall(chip, { ...prenormalized, need_facen: true }),
    },
    {
      name: 'that face normalised, everything',
      call: multipartCall(chip, { ...prenormalized, ...everythingOnTheWire }),
    },
    {
      name: 'that face normalised, everything, base64 in JSON',
      call: jsonCall(chip, { ...prenormalized, ...everythingOnTheWire }),
    },
  ];
}

/** The part of a picture of which a face fills the middle. */
function around(
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
  width: number,
  height: number,
) {
  const half = Math.max(right - left, bottom - top) / 2 / faceOfPortrait;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const [from, above] = [Math.max(0, Math.round(x - half)), Math.max(0, Math.round(y - half))];
  return {
    left: from,
    top: above,
    width: Math.min(width, Math.round(x + half)) - from,
    height: Math.min(height, Math.round(y + half)) - above,
  };
}
