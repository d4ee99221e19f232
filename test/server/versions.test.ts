import { decode as decodeMsgpack } from '@msgpack/msgpack';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { silent } from '../../src/log.ts';
import { answerSchema, objectsAnswerSchema } from '../../src/server/answer-schema.ts';
import { createApp } from '../../src/server/app.ts';
import { fakeEngine } from './fake-engine.ts';

/** Posts a call to the service with {@link fakeEngine}, as a form with the picture `a`. */
async function post(path: string, call: unknown, config = '') {
  const engine = fakeEngine();
  const { config: loaded } = loadConfig({ name: 'test', text: config });
  const app = createApp({ engine, config: loaded, log: silent });
  const body = new FormData();
  body.set('a', new Blob(['picture']));
  body.set('request', JSON.stringify(call));
  const response = await app.fetch(new Request(`http://localhost${path}`, { method: 'POST', body }));
  return { response, engine };
}

async function v1(request: object, config?: string) {
  const { response, engine } = await post('/', { requests: [{ image: 'multipart:a', ...request }] }, config);
  const { responses, warnings } = v.parse(answerSchema, await response.json());
  return { ...responses[0]!, warnings, asked: engine.asked[0]?.requests[0] };
}

/** The answer as it is, after its shape was checked. */
async function v2(request: object, config?: string) {
  const { response, engine } = await post(
    '/v2',
    { requests: [{ image: 'multipart:a', ...request }] },
    config,
  );
  const answer = await response.json();
  v.parse(objectsAnswerSchema, answer);
  return { ...answer.responses[0], warnings: answer.warnings, asked: engine.asked[0]?.requests[0] };
}

const everything = ['facen', 'gender', 'age', 'emotions', 'quality', 'headpose', 'landmarks', 'normalized'];
const bbox = { left: 10, top: 20, right: 110, bottom: 140 };

describe('version 2', () => {
  it('answers under its own names, whatever the words of the request', async () => {
    const { objects, warnings } = await v2({
      detector: 'face',
      attributes: ['face_emben', 'face_age', 'face_gender', 'face_emotions', 'face_quality', 'face_headpose'],
      need_normalized: true,
    });
    expect(warnings).toBeUndefined();
    const [face] = objects.face;
    expect(face).toMatchObject({
      bbox,
      detection_score: 0.98765432,
      face_emben: { result: Buffer.from(Float32Array.of(0.6, -0.8, 0).buffer).toString('base64') },
      face_age: { result: 26.048346 },
      face_quality: { result: -0.0012599 },
      face_headpose: { result: { yaw: 1, pitch: 2, roll: 3 } },
    });
    expect(face.face_gender.result.map(({ name }: { name: string }) => name)).toEqual(['female', 'male']);
    expect(face.face_gender.result[0].confidence).toBeCloseTo(1 / (1 + Math.exp(-2.5)), 7);
    expect(face.face_emotions.result).toHaveLength(7);
    expect(face.face_emotions.result[0]).toEqual({ name: 'neutral', confidence: 0.7 });
    expect(Buffer.from(face.normalized, 'base64').subarray(1, 4).toString()).toBe('PNG');

    const byFlags = await v2({
      need_facen: true,
      need_age: true,
      need_gender: true,
      need_emotions: true,
      need_quality: true,
      need_headpose: true,
      need_normalized: true,
    });
    expect(byFlags.objects).toEqual(objects);
    expect((await v2({ attributes: everything.slice(0, 6), need_normalized: true })).objects).toEqual(
      objects,
    );
  });

  it('answers a variant under the name that was asked for', async () => {
    const { objects } = await v2({ attributes: ['face_emben:one', 'face_emben', 'face_age:two'] });
    const [face] = objects.face;
    expect(Object.keys(face)).toEqual([
      'bbox',
      'detection_score',
      'face_emben:one',
      'face_emben',
      'face_age:two',
    ]);
    expect(face['face_emben:one']).toEqual(face.face_emben);
    expect(face['face_age:two']).toEqual({ result: 26.048346 });
  });

  it('scores by confidence, whatever the configuration', async () => {
    const { objects, asked } = await v2({}, 'quality_estimator: true');
    expect(objects.face[0]).toEqual({ bbox, detection_score: 0.98765432 });
    expect(asked!.attributes).toEqual([]);
  });

  it.each(['body', 'silhouette', 'car', 'whatever'])(
    'has no detector for %s, and spares the neighbours',
    async (name) => {
      const requests = [{ image: 'multipart:a', detector: name }, { image: 'multipart:a' }];
      const { response } = await post('/v2', { requests });
      const { responses } = (await response.json()) as { responses: Record<string, unknown>[] };
      expect(responses).toMatchObject([
        { objects: {}, error: { code: 'MODEL_UNAVAILABLE' } },
        { objects: { face: [{ bbox }] } },
      ]);
      expect((await v1({ detector: name })).error!.code).toBe('MODEL_UNAVAILABLE');
    },
  );

  it('sends plain bytes in MessagePack, and timings, and warnings beside the responses', async () => {
    const requests = [{ image: 'multipart:a', need_facen: true, need_facens: true }];
    const { response } = await post('/v2', { requests, include_timings: true, response_format: 'msgpack' });
    const answer = decodeMsgpack(new Uint8Array(await response.arrayBuffer())) as Record<string, unknown>;
    expect(answer).toMatchObject({
      responses: [
        {
          objects: {
            face: [{ face_emben: { result: new Uint8Array(Float32Array.of(0.6, -0.8, 0).buffer) } }],
          },
          timings: { detect: 20 },
        },
      ],
      warnings: ['requests[0].need_facens: unknown, did you mean need_facen?'],
    });
  });

  it('fails as a whole as version 1 does', async () => {
    const { response } = await post('/v2', { requests: [{ image: 1 }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { code: 'BAD_REQUEST', desc: 'requests[0].image: expected a string' },
    });
  });
});

describe('version 1', () => {
  it('takes names as it takes flags', async () => {
    const byNames = await v1({ attributes: everything });
    const byFlags = await v1(Object.fromEntries(everything.map((name) => [`need_${name}`, true])));
    expect(byNames.faces).toEqual(byFlags.faces);
    expect(Object.keys(byNames.faces[0]!)).toHaveLength(10);
    const prefixed = await v1({ attributes: everything.map((name) => `face_${name}`) });
    expect(prefixed.faces).toEqual(byNames.faces);
    for (const name of ['face', 'face_emben', 'emben', 'face_emben:x']) {
      expect(Object.keys((await v1({ attributes: [name] })).faces[0]!)).toEqual([
        'bbox',
        'detection_score',
        'facen',
      ]);
    }
  });

  it('answers the rest where phiz has no network for a name, and says so', async () => {
    const { faces, warnings } = await v1({ attributes: ['age', 'beard', 'ages'] });
    expect(faces[0]).toEqual({ bbox, detection_score: 0.98765432, age: 26.048346 });
    expect(warnings).toEqual([
      'requests[0].attributes[1]: beard: phiz has no network for it',
      'requests[0].attributes[2]: ages: unknown, did you mean age?',
    ]);
  });

  it.each([
    ['', 'primary'],
    ['nnd', 'primary'],
    ['face', 'primary'],
    ['cheetah', 'primary'],
    ['retina', 'primary'],
    ['jasmine', 'primary'],
    ['of_the_file', 'primary'],
    ['legacy', 'light'],
    ['prenormalized', 'none'],
    ['normalized', 'none'],
  ])('knows the detector %j', async (detector, choice) => {
    expect((await v1({ detector }, 'nnd: { aliases: [of_the_file] }')).asked!.detector).toBe(choice);
  });

  it('hands on which faces are wanted, and in which order', async () => {
    const wanted = { max_faces: 2, min_size: 40.5, min_score: 0.9, order: 'size' };
    expect((await v1(wanted)).asked).toMatchObject({
      maxFaces: 2,
      minSize: 40.5,
      minConfidence: 0.9,
      order: 'size',
    });
    expect((await v1({})).asked!.order).toBe('confidence');
    expect((await v1({}, 'faces_order: size')).asked!.order).toBe('size');
    expect((await v1({ order: 'confidence' }, 'faces_order: size')).asked!.order).toBe('confidence');
  });
});
