import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decode as decodeMsgpack } from '@msgpack/msgpack';
import { PNG } from 'pngjs';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveHttp } from '../../runtimes/node-api/serve.ts';
import type { Listening } from '../../src/cli/host.ts';
import { loadConfig } from '../../src/config/load.ts';
import { errorTable } from '../../src/errors.ts';
import type { LogFields } from '../../src/log.ts';
import { answerSchema, failureSchema, objectsAnswerSchema } from '../../src/server/answer-schema.ts';
import { createApp } from '../../src/server/app.ts';
import { v1Example, v2Example } from '../../src/server/examples.ts';
import { parseCall } from '../../src/server/request-schema.ts';
import { converse } from '../operations/raw-client.ts';
import { fakeEngine } from './fake-engine.ts';

let engine: ReturnType<typeof fakeEngine>;
let service: Listening;
let logged: { event: string; fields: LogFields | undefined }[];

/** The service over a socket, its engine being {@link fakeEngine}. */
async function start(config = '', localOnly = false) {
  engine = fakeEngine();
  logged = [];
  const app = createApp({
    engine,
    config: loadConfig({ name: 'test', text: config }).config,
    log: (_level, event, fields) => void logged.push({ event, fields }),
    localOnly,
  });
  service = await serveHttp(app.fetch, { host: '127.0.0.1', port: 0 });
}

beforeEach(() => start());
afterEach(() => service.close(0));

async function restart(config: string, localOnly = false) {
  await service.close(0);
  await start(config, localOnly);
}

function postForm(call: unknown, parts: Record<string, string> = {}, init: RequestInit = {}) {
  const form = new FormData();
  for (const [name, content] of Object.entries(parts)) form.set(name, new Blob([content]), name);
  form.set('request', typeof call === 'string' ? call : JSON.stringify(call));
  return fetch(service.url, { method: 'POST', body: form, ...init });
}

function postJson(body: unknown, headers = {}) {
  return fetch(service.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function answered(response: Response) {
  expect(response.status).toBe(200);
  return v.parse(answerSchema, await response.json()).responses;
}

async function failed(response: Response): Promise<[status: number, code: string, desc: string]> {
  const { error } = v.parse(failureSchema, await response.json());
  return [response.status, error.code, error.desc];
}

const wantAll = {
  image: 'multipart:a',
  need_facen: true,
  need_gender: true,
  need_age: true,
  need_emotions: true,
  need_normalized: true,
  need_landmarks: true,
  need_headpose: true,
  need_quality: true,
};

describe('a call', () => {
  it('answers with exactly what was asked for', async () => {
    const [plain, full] = await answered(
      await postForm({ requests: [{ image: 'multipart:a' }, wantAll] }, { a: 'picture' }),
    );
    expect(plain).toEqual({
      faces: [{ bbox: { left: 10, top: 20, right: 110, bottom: 140 }, detection_score: 0.98765432 }],
    });
    const [face] = full!.faces;
    expect(Buffer.from(face!.facen!, 'base64')).toEqual(Buffer.from(Float32Array.of(0.6, -0.8, 0).buffer));
    expect(face).toMatchObject({
      gender: { gender: 'FEMALE', score: -2.5 },
      age: 26.048346,
      headpose: { yaw: 1, pitch: 2, roll: 3 },
      quality: -0.0012599,
      landmarks: { left_eye: { x: 1, y: 2 }, right_mouth: { x: 3, y: 4 } },
    });
    expect(face!.emotions).toHaveLength(7);
    expect(face!.emotions![0]).toEqual({ emotion: 'neutral', score: 0.7 });
    const png = PNG.sync.read(Buffer.from(face!.normalized!, 'base64'));
    expect([png.width, png.height]).toEqual([4, 3]);
  });

  it('decodes a picture once, however many requests name it, and keeps their order', async () => {
    const requests = [
      { image: 'multipart:a', need_age: true },
      { image: 'multipart:b' },
      { image: 'multipart:a', detector: 'legacy', roi: { left: -5, top: 0, right: 50, bottom: 1e308 } },
    ];
    const responses = await answered(await postForm({ requests }, { a: 'first', b: 'bad' }));
    expect(responses.map(({ faces, error }) => [faces[0]?.age !== undefined, error?.code])).toEqual([
      [true, undefined],
      [false, 'IMAGE_DECODING_FAILED'],
      [false, undefined],
    ]);
    expect(engine.asked.map((asked) => asked.requests.length)).toEqual([2, 1]);
    expect(engine.asked[0]!.requests[1]).toEqual({
      detector: 'light',
      attributes: [],
      autoRotate: false,
      order: 'confidence',
      region: { left: -5, top: 0, right: 50, bottom: 1e308 },
    });
  });

  it('gives each failing request its code and spares the others', async () => {
    const requests = [
      'multipart:missing',
      'multipart:bad',
      'multipart:good',
      'data:image/png;base64,bm90IGEgcGljdHVyZQ==',
      'data:image/png,plain',
      'data:;base64,%%%',
      'https://example.com/a.jpg',
      'ftp://example.com/a.jpg',
    ].map((image) => ({ image }));
    const responses = await answered(await postForm({ requests }, { good: 'good', bad: 'bad' }));
    expect(responses.map(({ error }) => error?.code)).toEqual([
      'IMAGE_PART_MISSING',
      'IMAGE_DECODING_FAILED',
      undefined,
      undefined,
      'IMAGE_DECODING_FAILED',
      'IMAGE_DECODING_FAILED',
      'IMAGE_FETCH_DISABLED', // no transport was handed in
      'IMAGE_FETCH_FAILED',
    ]);
    expect(responses[1]).toEqual({
      faces: [],
      error: { code: 'IMAGE_DECODING_FAILED', desc: 'Failed to decode: no known format' },
    });
  });

  it('takes a data: URL whose characters JSON has escaped', async () => {
    const picture = (length: number) => 'picture'.padEnd(length, '.');
    const urls = (data: string) => [
      `data:image/png;base64,${data}`,
      `\\u0064ata:image\\/png;base64,${data}`,
      `data\\u003aimage\\u002fpng\\u003bbase64\\u002c${data}`,
      `data:image/png\\u003Bbase64,\\u00${data.charCodeAt(0).toString(16)}${data.slice(1)}`,
    ];
    for (const length of [10, 10_000]) {
      const requests = urls(btoa(picture(length))).map((url) => `{"image": "${url}"}`);
      const responses = await answered(await postJson(`{"requests": [${requests}]}`));
      expect(responses.map(({ error }) => error)).toEqual(requests.map(() => undefined));
      const read = engine.asked.splice(0).map((asked) => Buffer.from(asked.picture).toString());
      // Short ones are compared as texts, long ones as they are written.
      expect(read).toEqual(
        Array.from({ length: length === 10 ? 1 : requests.length }, () => picture(length)),
      );
    }
  });

  it('gives no request the picture of another one by a name like data:0', async () => {
    const picture = `data:image/png;base64,${btoa('picture'.padEnd(1_000, '.'))}`;
    const call = `{"requests": [{"image": "${picture}"}, {"image": "\\u0064ata:0"}, {"image": "data:0"}]}`;
    const responses = await answered(await postJson(call));
    expect(responses.map(({ error }) => error?.code)).toEqual([
      undefined,
      'IMAGE_DECODING_FAILED',
      'IMAGE_DECODING_FAILED',
    ]);
  });

  it('shows a data: URL in a wrong place as it was written', async () => {
    const image = 'multipart:a';
    for (const rest of ['zzz', 'z'.repeat(200)]) {
      const requests = [
        { image, detector: `data:${rest}` },
        { image, [`data:${rest}`]: 1 },
      ];
      const answer = await (await postForm({ requests }, { a: 'picture' })).json();
      const { responses, warnings } = answer as {
        responses: [{ error: { desc: string } }];
        warnings: string[];
      };
      const shown = `data:${rest}`.slice(0, 60);
      expect(responses[0].error.desc).toContain(`there is no detector "${shown}"`);
      expect(warnings).toEqual([`requests[1].${shown}${rest.length > 60 ? '…' : ''}: unknown`]);
    }
  });

  it('adds timings under the names of the contract', async () => {
    const [response] = await answered(
      await postForm({ requests: [wantAll], include_timings: true }, { a: 'picture' }),
    );
    const { encode, total, ...stages } = response!.timings!;
    expect(stages).toEqual({ decode: 1.5, detect: 20, normalize: 0.25, facen: 30 });
    expect(total).toBeGreaterThanOrEqual(encode!);
  });

  it('sends plain bytes in MessagePack', async () => {
    const response = await postForm({ requests: [wantAll], response_format: 'msgpack' }, { a: 'picture' });
    expect(response.headers.get('content-type')).toBe('application/vnd.msgpack');
    const answer = decodeMsgpack(new Uint8Array(await response.arrayBuffer())) as {
      responses: [{ faces: [{ facen: Uint8Array; normalized: Uint8Array; age: number }] }];
    };
    const { facen, normalized, age } = answer.responses[0].faces[0];
    expect(Buffer.from(facen)).toEqual(Buffer.from(Float32Array.of(0.6, -0.8, 0).buffer));
    expect(PNG.sync.read(Buffer.from(normalized)).width).toBe(4);
    expect(age).toBe(26.048346);
  });

  it('takes an empty list', async () => {
    expect(await answered(await postJson({ requests: [] }))).toEqual([]);
  });
});

describe('the quality estimator', () => {
  const call = (extra = {}) => ({ requests: [{ image: 'multipart:a', ...extra }] });

  it('is needed by auto_rotate, with nnd', async () => {
    const [off] = await answered(await postForm(call({ auto_rotate: true }), { a: 'picture' }));
    expect(off!.error!.code).toBe('AUTO_ROTATE_UNAVAILABLE');
    await restart('quality_estimator: true');
    const [on] = await answered(await postForm(call({ auto_rotate: true }), { a: 'picture' }));
    expect(on!.faces).toHaveLength(1);
    expect(engine.asked[0]!.requests[0]!.autoRotate).toBe(true);
    for (const detector of ['legacy', 'prenormalized']) {
      const [other] = await answered(await postForm(call({ auto_rotate: true, detector }), { a: 'picture' }));
      expect(other!.error!.code).toBe('AUTO_ROTATE_UNAVAILABLE');
    }
  });

  it('replaces the confidence, except that of legacy', async () => {
    await restart('quality_estimator: true');
    const scores = [];
    for (const detector of ['nnd', 'legacy', 'prenormalized']) {
      const [response] = await answered(await postForm(call({ detector }), { a: 'picture' }));
      expect(response!.faces[0]).not.toHaveProperty('quality');
      scores.push(response!.faces[0]!.detection_score);
    }
    expect(scores).toEqual([-0.0012599, 0.98765432, -0.0012599]);
  });
});

describe('a call that fails as a whole', () => {
  it.each([
    ['', 'expected JSON, got nothing'],
    [' \n', 'expected JSON, got nothing'],
    ['{"requests": [', 'expected JSON: '],
    ['[]', 'expected an object with a list `requests`'],
    ['null', 'expected an object with a list `requests`'],
    ['{}', 'requests: expected a list'],
    ['{"requests": {}}', 'requests: expected a list'],
    ['{"requests": [7]}', 'requests[0]: expected an object'],
    ['{"requests": [[]]}', 'requests[0]: expected an object'],
    ['{"requests": [{}]}', 'requests[0].image: expected a string'],
    ['{"requests": [{"image": null}]}', 'requests[0].image: expected a string'],
    ['{"requests": [{"image": "a"}, {"image": 1}]}', 'requests[1].image: expected a string'],
    ['{"requests": [{"image": "a", "need_age": 1}]}', 'requests[0].need_age: expected true or false'],
    [
      '{"requests": [{"image": "a", "detector": 1}]}',
      'requests[0].detector: expected the name of a detector',
    ],
    [
      '{"requests": [{"image": "a", "attributes": "age"}]}',
      'requests[0].attributes: expected a list of names',
    ],
    [
      '{"requests": [{"image": "a", "attributes": ["age", 1]}]}',
      'requests[0].attributes[1]: expected the name of an attribute',
    ],
    [
      JSON.stringify({ requests: [{ image: 'a', attributes: Array(33).fill('age') }] }),
      'requests[0].attributes: expected at most 32 names',
    ],
    [
      '{"requests": [{"image": "a", "max_faces": 0}]}',
      'requests[0].max_faces: expected a whole number of at',
    ],
    [
      '{"requests": [{"image": "a", "max_faces": 1.5}]}',
      'requests[0].max_faces: expected a whole number of at',
    ],
    [
      '{"requests": [{"image": "a", "min_size": -1}]}',
      'requests[0].min_size: expected a number of at least 0',
    ],
    [
      '{"requests": [{"image": "a", "min_score": 2}]}',
      'requests[0].min_score: expected a number from 0 to 1',
    ],
    ['{"requests": [{"image": "a", "order": "age"}]}', 'requests[0].order: expected one of confidence, size'],
    [
      '{"requests": [{"image": "a", "roi": "0,0,10"}]}',
      'requests[0].roi: expected four numbers "left,top,right,bottom"',
    ],
    [
      '{"requests": [{"image": "a", "roi": 3}]}',
      'requests[0].roi: expected an object with left, top, right and bottom, or a text',
    ],
    [
      '{"requests": [{"image": "a", "roi": [0, 0, 10, 10]}]}',
      'requests[0].roi: expected an object with left, top, right and bottom, or a text "left,top,right,bottom"',
    ],
    ['{"requests": [{"image": "a", "roi": {"left": "0"}}]}', 'requests[0].roi.left: expected a number'],
    ['{"requests": [{"image": "a", "roi": {"left": 0}}]}', 'requests[0].roi.top: expected a number'],
    [
      '{"requests": [{"image": "a", "roi": {"left": 1e999}}]}',
      'requests[0].roi.left: expected a finite number',
    ],
    ['{"requests": [{"image": "a", "roi": {"left": NaN}}]}', 'expected JSON: '],
    ['{"requests": [], "include_timings": "yes"}', 'include_timings: expected true or false'],
    ['{"requests": [], "response_format": "xml"}', 'response_format: expected one of json, msgpack'],
    ['['.repeat(100_000), 'expected JSON of at most 64 levels'],
    [`[${'0,'.repeat(1_000_000)}0]`, 'expected JSON of at most 16384 values'],
    [JSON.stringify('"[[[['.repeat(100)), 'expected an object with a list `requests`'],
  ])('says what is wrong with %.60s', async (body, message) => {
    const [status, code, desc] = await failed(await postJson(body));
    expect([status, code]).toEqual([400, 'BAD_REQUEST']);
    expect(desc).toContain(message);
    expect(await failed(await postForm(body))).toEqual([status, code, desc]);
  });

  it('refuses more requests than configured', async () => {
    const requests = Array(1_000).fill({ image: 'multipart:a' });
    expect(await failed(await postForm({ requests }))).toEqual([
      400,
      'BAD_REQUEST',
      'requests: expected at most 256 entries, got 1000',
    ]);
  });

  it('knows two kinds of body', async () => {
    const plain = await fetch(service.url, { method: 'POST', body: '{"requests": []}' });
    expect(await failed(plain)).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'expected Content-Type application/json or multipart/form-data, got text/plain',
    ]);
  });

  it('refuses a body over the limit, of declared length or not', async () => {
    await restart('limits: { body_size: 1000 }');
    const blob = new Blob([new Uint8Array(2_000)]);
    const headers = { 'Content-Type': 'application/json' };
    const declared = await fetch(service.url, { method: 'POST', body: blob, headers });
    expect((await failed(declared)).slice(0, 2)).toEqual([413, 'BODY_TOO_LARGE']);
    const chunked = { method: 'POST', body: blob.stream(), headers, duplex: 'half' } as RequestInit;
    expect((await failed(await fetch(service.url, chunked))).slice(0, 2)).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('answers 503 with Retry-After when the engine is overloaded', async () => {
    const response = await postForm(
      { requests: [{ image: 'multipart:a' }, { image: 'multipart:b' }] },
      { a: 'fine', b: 'overloaded' },
    );
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await failed(response)).slice(0, 2)).toEqual([503, 'OVERLOADED']);
  });

  it.each([
    ['GET', '', 405, 'METHOD_NOT_ALLOWED', 'POST'],
    ['PUT', '', 405, 'METHOD_NOT_ALLOWED', 'POST'],
    ['DELETE', 'health', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD'],
    ['POST', 'docs', 405, 'METHOD_NOT_ALLOWED', 'GET, HEAD'],
    ['GET', 'no/such/path', 404, 'NOT_FOUND', null],
  ])('refuses %s /%s', async (method, path, status, code, allow) => {
    const response = await fetch(service.url + path, { method });
    expect((await failed(response)).slice(0, 2)).toEqual([status, code]);
    expect(response.headers.get('allow')).toBe(allow);
  });
});

describe('a picture that goes wrong', () => {
  it('answers TIMEOUT in time, and stops the work', async () => {
    await restart('limits: { timeout: 100ms }');
    const requests = [{ image: 'multipart:a' }, { image: 'multipart:b' }];
    const responses = await answered(await postForm({ requests }, { a: 'hang', b: 'fine' }));
    expect(responses.map(({ error }) => error?.code)).toEqual(['TIMEOUT', undefined]);
    expect(engine.asked[0]!.call!.signal!.aborted).toBe(true);
  });

  it('hides a bug from the caller and shows it to the log, under one id', async () => {
    const response = await postForm({ requests: [{ image: 'multipart:a' }] }, { a: 'crash' });
    const id = response.headers.get('x-request-id');
    const [first] = await answered(response);
    expect(first!.error!.code).toBe('INTERNAL');
    expect(first!.error!.desc).not.toContain('secret');
    const entry = logged.find(({ event }) => event === 'unexpected error');
    expect(entry!.fields).toMatchObject({ id, error: expect.stringContaining('secret detail of a bug') });
  });

  it('keeps the id that a proxy gave the call, unless that could harm a log', async () => {
    const idOf = async (given: string) =>
      (await fetch(`${service.url}health`, { headers: { 'X-Request-Id': given } })).headers.get(
        'x-request-id',
      );
    expect(await idOf('camera-7.42')).toBe('camera-7.42');
    for (const bad of ['a b', '"}', 'x'.repeat(65)]) expect(await idOf(bad)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is given up when the client goes away', async () => {
    const client = new AbortController();
    const call = { requests: [{ image: 'multipart:a' }] };
    const leaving = postForm(call, { a: 'hang' }, { signal: client.signal });
    await expect.poll(() => engine.asked.length).toBe(1);
    expect(engine.asked[0]!.call!.signal!.aborted).toBe(false);
    client.abort();
    await expect(leaving).rejects.toThrow();
    await expect.poll(() => engine.asked[0]!.call!.signal!.aborted).toBe(true);
  });
});

describe('keys and origins', () => {
  it('lets in whoever has a key, and probes without one', async () => {
    await restart('auth: { keys: [first-key, second-key] }');
    const call = { requests: [] };
    for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: 'Basic first-key' }]) {
      const response = await postJson(call, headers);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect((await failed(response)).slice(0, 2)).toEqual([401, 'UNAUTHORIZED']);
    }
    for (const key of ['first-key', 'second-key']) {
      await answered(await postJson(call, { Authorization: `Bearer ${key}` }));
    }
    expect((await fetch(`${service.url}health`)).status).toBe(200);
  });

  it('serves other origins only where that is allowed', async () => {
    const origin = { Origin: 'http://elsewhere.example' };
    const preflight = () =>
      fetch(service.url, {
        method: 'OPTIONS',
        headers: { ...origin, 'Access-Control-Request-Method': 'POST' },
      });
    expect((await preflight()).headers.get('access-control-allow-origin')).toBe(null);
    await restart('allow_cors: true');
    const allowed = await preflight();
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('*');
    for (const body of ['{"requests": []}', '{']) {
      const response = await postJson(body, origin);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    }
  });
});

describe('what tells of the service', () => {
  const paths = ['docs', 'openapi.json'];
  const get = (path: string, headers = {}) => fetch(service.url + path, { headers });

  it('asks for the key too, unless it is open', async () => {
    await restart('auth: { keys: [a-key] }');
    for (const path of paths) {
      expect((await failed(await get(path))).slice(0, 2)).toEqual([401, 'UNAUTHORIZED']);
      expect((await get(path, { Authorization: 'Bearer a-key' })).status).toBe(200);
    }
    await restart('auth: { keys: [a-key], open: [docs] }');
    for (const path of paths) expect((await get(path)).status).toBe(200);
  });

  it('is never opened to other origins', async () => {
    await restart('allow_cors: true');
    for (const path of [...paths, 'health', 'none']) {
      const { headers } = await get(path, { Origin: 'http://elsewhere.example' });
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, null]);
    }
  });

  it('is told to its own machine only where it listens there without keys', async () => {
    // fetch sends no Host but the address's.
    const status = async (host: string, path = '/docs') =>
      (await converse(service.url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
        .status;
    expect(await status('evil.example')).toBe(200);
    await restart('allowed_hosts: [faces.example]', true);
    for (const host of [
      'evil.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ]) {
      expect([host, await status(host)]).toEqual([host, 403]);
    }
    const ours = ['127.0.0.1', '[::1]:18666', 'localhost:80', 'a.localhost', 'phiz', 'Faces.Example:443'];
    for (const host of ours) expect([host, await status(host)]).toEqual([host, 200]);
    expect(await status('probe.example', '/health')).toBe(200);
  });
});

describe('the description', () => {
  it('is an OpenAPI document made of the schemas', async () => {
    const document = await (await fetch(`${service.url}openapi.json`)).json();
    const call = { post: { responses: { 200: {}, 400: {}, 413: {}, 503: {} } } };
    expect(document).toMatchObject({
      openapi: '3.1.0',
      servers: [{ url: '/' }],
      security: [],
      paths: { '/': call, '/v2': call },
      components: {
        schemas: {
          Call: {
            required: ['requests'],
            properties: { requests: { items: { $ref: '#/components/schemas/Request' } } },
          },
          // Generators of clients make what has a default a property that must be given.
          Request: { required: ['image'], properties: { need_age: { type: 'boolean' } } },
          Response: { properties: { faces: { items: { $ref: '#/components/schemas/Face' } } } },
          ObjectsResponse: {
            properties: {
              objects: { properties: { face: { items: { $ref: '#/components/schemas/ObjectFace' } } } },
            },
          },
        },
      },
    });
    expect(JSON.stringify(document)).not.toContain('"default":');
    expect(document.components).not.toHaveProperty('securitySchemes');
    await restart('auth: { keys: [secret], open: [docs] }');
    const guarded = await (await fetch(`${service.url}openapi.json`)).json();
    expect(guarded).toMatchObject({
      security: [{ key: [] }],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      paths: { '/health': { get: { security: [] } }, '/docs': { get: { security: [] } } },
    });
    expect(guarded.paths['/metrics'].get).not.toHaveProperty('security');
    expect(JSON.stringify(guarded)).not.toContain('secret');
  });

  it('is there for people, without script or another host', async () => {
    const response = await fetch(`${service.url}docs`);
    const page = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    for (const word of [
      'need_emotions',
      'requests[].roi.left',
      'responses[].objects.face[].face_emben.result',
    ]) {
      expect(page).toContain(word);
    }
    for (const code of Object.keys(errorTable)) expect(page).toContain(`<code>${code}</code>`);
    expect(page).not.toMatch(/<script|src=|href="(?![.#])/);
  });

  it('has an example of each version that is an answer, and says how to read its facen', async () => {
    for (const [example, schema] of [
      [v1Example, answerSchema],
      [v2Example, objectsAnswerSchema],
    ] as const) {
      expect(v.parse(schema, example.answer)).toEqual(example.answer);
      expect(parseCall(example.call, 1).warnings).toEqual([]);
    }
    const page = await (await fetch(`${service.url}docs`)).text();
    const code = [...page.matchAll(/<pre>([^<]*)<\/pre>/g)]
      .map(([, escaped]) =>
        escaped!.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&lt;', '<'),
      )
      .map((each) => each.replaceAll('&amp;', '&'));
    const facen = Buffer.from(Float32Array.of(0.6, -0.8, 0).buffer).toString('base64');
    const python = code.find((each) => each.startsWith('# Python'))!;
    const { stdout } = await promisify(execFile)('python3', [
      '-c',
      `${python}\nprint(list(read_facen("${facen}")), cosine(read_facen("${facen}"), read_facen("${facen}")))`,
    ]);
    const [numbers, cosine] = stdout.trim().split('] ');
    expect(JSON.parse(`${numbers}]`)).toEqual([...Float32Array.of(0.6, -0.8, 0)]);
    expect(Number(cosine)).toBeCloseTo(1, 6);
    const script = code.find((each) => each.startsWith('// JavaScript'))!;
    const { readFacen, cosine: cosineOf } = new Function(`${script}\nreturn { readFacen, cosine };`)();
    expect(readFacen(facen)).toEqual(Float32Array.of(0.6, -0.8, 0));
    expect(cosineOf(readFacen(facen), readFacen(facen))).toBeCloseTo(1, 6);
  });
});
