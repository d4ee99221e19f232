import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { decode as decodeMsgpack } from '@msgpack/msgpack';
import sharp from 'sharp';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { area, iou, longerSide } from '../../src/image/geometry.ts';
import { answerSchema } from '../../src/server/answer-schema.ts';
import { extract, failureOf, postForm, postJson, responsesOf } from './client.ts';
import { faceCounts, pathOf, read, type Sample } from './samples.ts';
import type { RunningServer, StartServer } from './server.ts';

const run = promisify(execFile);

/** As a version of the vendor's writes it: names of its networks, and aliases of its detector. */
const vendorConfig = `
detectors:
  instances: 1
  quality_estimator: true
  models:
    cheetah: { aliases: [face, entrance], model: facedet/cheetah.cpu.fnk, options: { min_object_size: 32 } }
extractors: { instances: 1, models: { face: face/kiwi_320.cpu.fnk, age: '' } }
license_ntls_server: 127.0.0.1:3133
`;

/**
 * What every client may rely on, asked of a real server over a socket with real networks. It runs
 * alike on every runtime: hand in how to start one.
 */
export function contractSuite(start: StartServer): void {
  let plain: RunningServer;
  let guarded: RunningServer;
  let photographs: { readonly url: string; readonly server: Server };

  beforeAll(async () => {
    photographs = await servePhotographs();
    plain = await start('model_instances: 1\nmax_dimension: 4000\nfetch: { allow_private_networks: true }\n');
    guarded = await start(vendorConfig);
  });
  afterAll(async () => {
    await Promise.all([plain?.stop(), guarded?.stop()]);
    photographs.server.close();
  });

  describe('the examples of the vendor, by curl', () => {
    /** The answer to a command line as the vendor's page has it, host and file apart. */
    async function curl(command: string) {
      const { stdout } = await run('sh', ['-c', command], { maxBuffer: 2 ** 26 });
      return v.parse(answerSchema, JSON.parse(stdout)).responses;
    }

    it('extracts from an upload', async () => {
      const responses = await curl(
        `curl -s -X POST -F sample=@${pathOf('sample1.jpg')} -F 'request={"requests":[{"image":"multipart:sample","detector":"nnd", "need_gender":true, "need_normalized": true, "need_facen": true}]}' ${plain.url}`,
      );
      expect(responses).toHaveLength(1);
      expect(responses[0]!.faces).toHaveLength(faceCounts['sample1.jpg']);
      for (const face of responses[0]!.faces) {
        expect(Object.keys(face)).toEqual(['bbox', 'detection_score', 'facen', 'gender', 'normalized']);
      }
    });

    it('extracts from a URL, in a region that reaches outside the picture', async () => {
      const responses = await curl(
        `curl -s -X POST  -F 'request={"requests": [{"need_age": true, "need_gender": true, "detector": "nnd", "roi": {"left": -2975, "top": -635, "right": 4060, "bottom": 1720}, "image": "${photographs.url}sample1.jpg", "need_emotions": true}]}' ${plain.url}`,
      );
      const [first] = responses;
      expect(first!.faces).toHaveLength(faceCounts['sample1.jpg']);
      for (const face of first!.faces) {
        expect(Object.keys(face)).toEqual(['bbox', 'detection_score', 'gender', 'age', 'emotions']);
        const scores = face.emotions!.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        expect(scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 5);
      }
    });

    it('rotates a photograph that lies on its side', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'phiz-contract-'));
      const photo = join(folder, 'photo.png');
      await sharp(await read('sample2.jpg'))
        .rotate(270)
        .png()
        .toFile(photo);
      const responses = await curl(
        `curl -s -F sample=@${photo} -F 'request={"requests":[{"image":"multipart:sample","detector":"nnd", "auto_rotate": true, "need_normalized": true }]}' ${guarded.url}`,
      );
      await rm(folder, { recursive: true });
      expect(responses[0]!.faces).toHaveLength(faceCounts['sample2.jpg']);
      for (const face of responses[0]!.faces) {
        expect(Object.keys(face)).toEqual(['bbox', 'detection_score', 'normalized']);
        expect(face.detection_score).toBeLessThanOrEqual(0.01);
      }
    });
  });

  describe('clients in Python', () => {
    /** The lines of JSON that a client writes of a picture. */
    async function python(client: string, picture: Sample) {
      const script = fileURLToPath(new URL(client, import.meta.url));
      const { stdout } = await run('python3', ['-B', script, plain.url, pathOf(picture)], {
        maxBuffer: 2 ** 24,
      });
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    }

    it('have their own normalised faces taken for the originals', async () => {
      const faces = await python('client.py', 'sample2.jpg');
      expect(faces).toHaveLength(faceCounts['sample2.jpg']);
      for (const face of faces) {
        expect(face.length).toBeCloseTo(1, 5);
        expect(face.cosine).toBeGreaterThanOrEqual(0.9999);
        expect(face.age_difference).toBeLessThanOrEqual(0.05);
        expect(face).toMatchObject({ same_gender: true, same_emotions: true });
      }
    });

    it('get the same from version 2 as from version 1 by the same names', async () => {
      const [objects, faces] = await Promise.all([
        python('client_v2.py', 'sample2.jpg'),
        python('client_names.py', 'sample2.jpg'),
      ]);
      expect(objects).toHaveLength(faceCounts['sample2.jpg']);
      expect(objects).toEqual(faces);
      for (const { facen, age, gender } of objects) {
        expect(Math.hypot(...facen)).toBeCloseTo(1, 5);
        expect(age).toBeGreaterThan(0);
        expect(['male', 'female']).toContain(gender);
      }
    });
  });

  describe('a call', () => {
    it('gets boxes inside the picture, in its pixels, whatever the region', async () => {
      const [whole] = await extract(plain.url, [{ image: 'multipart:a' }], { a: await read('sample4.jpg') });
      const { bbox } = whole!.faces[0]!;
      const margin = bbox.right - bbox.left;
      const roi = {
        left: bbox.left - margin,
        top: bbox.top - margin,
        right: bbox.right + margin,
        bottom: bbox.bottom + margin,
      };
      const [part] = await extract(plain.url, [{ image: 'multipart:a', roi }], {
        a: await read('sample4.jpg'),
      });
      const overlaps = part!.faces.map((face) => iou(face.bbox, bbox));
      expect(Math.max(...overlaps)).toBeGreaterThan(0.6);
      for (const { bbox: box } of [...whole!.faces, ...part!.faces]) {
        expect(Math.min(box.left, box.top)).toBeGreaterThanOrEqual(0);
        expect(box.right).toBeGreaterThan(box.left);
        expect(box.bottom).toBeGreaterThan(box.top);
      }
    });

    it('is answered in order, each failure beside its successful neighbours', async () => {
      const image = 'multipart:a';
      const requests: [object, string | undefined][] = [
        [{ image }, undefined],
        [{ image: 'multipart:none' }, 'IMAGE_PART_MISSING'],
        [{ image: 'multipart:text' }, 'IMAGE_DECODING_FAILED'],
        [{ image: 'multipart:empty' }, 'IMAGE_DECODING_FAILED'],
        [{ image: 'multipart:huge' }, 'IMAGE_TOO_LARGE'],
        [{ image: 'data:image/png;base64,AAAA' }, 'IMAGE_DECODING_FAILED'],
        [{ image, roi: { left: 10, top: 10, right: 10, bottom: 20 } }, 'BAD_ROI'],
        [{ image, roi: '10,30,20,20' }, 'BAD_ROI'],
        [{ image, detector: 'body' }, 'MODEL_UNAVAILABLE'],
        [{ image, roi: { left: 5000, top: 0, right: 6000, bottom: 100 } }, 'BAD_ROI'],
        [{ image, roi: { left: -1e308, top: -1e308, right: 1e308, bottom: 1e308 } }, undefined],
        [{ image, auto_rotate: true }, 'AUTO_ROTATE_UNAVAILABLE'],
        [{ image: `${photographs.url}none.jpg` }, 'IMAGE_FETCH_FAILED'],
        [{ image, detector: 'legacy' }, undefined],
      ];
      const responses = await extract(
        plain.url,
        requests.map(([request]) => request),
        { a: await read('sample1.jpg'), text: 'no picture', empty: '', huge: pngHeader(60_000, 60_000) },
      );
      expect(responses.map(({ error }) => error?.code)).toEqual(requests.map(([, code]) => code));
      for (const { faces, error } of responses) {
        if (error) expect(faces).toEqual([]);
        else expect(faces.length).toBeGreaterThan(0);
        if (error?.code === 'IMAGE_DECODING_FAILED') expect(error.desc).toMatch(/^Failed to decode: /);
      }
    });

    it('may bring its picture in a data: URL, escaped or not', async () => {
      const picture = await read('sample1.jpg');
      const base64 = picture.toString('base64');
      const images = [base64, encodeURIComponent(base64)].map((data) => `data:image/jpeg;base64,${data}`);
      const [part] = await extract(plain.url, [{ image: 'multipart:a' }], { a: picture });
      for (const image of images) {
        const [inline] = await responsesOf(await postJson(plain.url, { requests: [{ image }] }));
        expect(inline).toEqual(part);
      }
    });

    it('may want the largest faces only, or the surest', async () => {
      const image = 'multipart:a';
      const [all, largest, first, sure, big] = await extract(
        plain.url,
        [
          { image },
          { image, order: 'size' },
          { image, order: 'size', max_faces: 2, need_age: true },
          { image, min_score: 2 / 3 },
          { image, min_size: 100 },
        ],
        { a: await read('sample5.jpg') },
      );
      const faces = all!.faces;
      const size = ({ bbox }: (typeof faces)[number]) => area(bbox);
      const bySize = faces.toSorted((one, other) => size(other) - size(one));
      expect(faces.length).toBeGreaterThan(2);
      expect(largest!.faces.map(size)).toEqual(bySize.map(size));
      expect(first!.faces.map(({ bbox }) => bbox)).toEqual(bySize.slice(0, 2).map(({ bbox }) => bbox));
      expect(first!.faces[0]!.age).toBeGreaterThan(0);
      expect(sure!.faces).toEqual(faces.filter(({ detection_score: score }) => score >= 2 / 3));
      expect(big!.faces).toEqual(faces.filter(({ bbox }) => longerSide(bbox) >= 100));
    });

    it('may name the request part a file of any type, and parts in any script', async () => {
      const form = new FormData();
      const request = JSON.stringify({ requests: [{ image: 'multipart:фото "1"' }] });
      form.set('фото "1"', new Blob([await read('sample3.jpg')]), 'a.jpg');
      form.set('request', new Blob([request], { type: 'image/png' }), 'request.png');
      const responses = await responsesOf(await fetch(plain.url, { method: 'POST', body: form }));
      expect(responses[0]!.faces).toHaveLength(faceCounts['sample3.jpg']);
    });

    it('may have MessagePack and timings', async () => {
      const requests = [{ image: 'multipart:a', need_facen: true, need_normalized: true }];
      const parts = { a: await read('sample1.jpg') };
      const [json] = await responsesOf(await postForm(plain.url, { requests, include_timings: true }, parts));
      expect(Object.keys(json!.timings!)).toEqual(
        expect.arrayContaining(['decode', 'detect', 'normalize', 'facen', 'encode', 'total']),
      );
      const packed = await postForm(plain.url, { requests, response_format: 'msgpack' }, parts);
      const { responses } = decodeMsgpack(new Uint8Array(await packed.arrayBuffer())) as {
        responses: [{ faces: { facen: Uint8Array; normalized: Uint8Array }[] }];
      };
      const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
      expect(
        responses[0].faces.map((face) => ({
          ...face,
          facen: base64(face.facen),
          normalized: base64(face.normalized),
        })),
      ).toEqual(json!.faces);
    });

    it('is told which model is off, and gets the rest', async () => {
      const [age, gender] = await extract(
        guarded.url,
        [
          { image: 'multipart:a', need_age: true },
          { image: 'multipart:a', detector: 'entrance', need_gender: true },
        ],
        { a: await read('sample1.jpg') },
      );
      expect(age!.error!.code).toBe('MODEL_UNAVAILABLE');
      expect(gender!.faces).toHaveLength(faceCounts['sample1.jpg']);
    });

    it('does not reach private addresses unless that is configured', async () => {
      const images = [
        `${photographs.url}sample1.jpg`,
        photographs.url.replace('127.0.0.1', 'localhost'),
        photographs.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
      ];
      const responses = await responsesOf(
        await postJson(guarded.url, { requests: images.map((image) => ({ image })) }),
      );
      for (const { error } of responses) {
        expect(error!.code).toBe('IMAGE_FETCH_FAILED');
        expect(error!.desc).toContain('is not a public address');
      }
    });
  });

  it('describes itself and its health', async () => {
    const get = (path: string) => fetch(new URL(path, plain.url));
    expect(await (await get('openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
    expect(await (await get('docs')).text()).toContain('need_emotions');
    expect((await get('health')).status).toBe(200);
    expect((await get('docs/')).status).toBe(200);
    expect(await failureOf(await get('nowhere'))).toEqual([404, 'NOT_FOUND']);
    const wrongMethod = await get('');
    expect(wrongMethod.headers.get('allow')).toBe('POST');
    expect(await failureOf(wrongMethod)).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });
}

/** The sample photographs over HTTP on loopback. */
async function servePhotographs() {
  const server = createServer(async ({ url: path }, response) => {
    const name = path!.slice(1);
    if (name in faceCounts) response.end(await read(name as Sample));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** A PNG that ends after its header, which promises this size. */
function pngHeader(width: number, height: number): Uint8Array {
  const bytes = Buffer.from(
    '89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000000000',
    'hex',
  );
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes.subarray(0, 33);
}
