import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { shippedPack } from '../../models/catalogue.ts';
import { createHandler } from '../../runtimes/edge/handler.ts';
import { failureOf, responsesOf } from '../contract/client.ts';
import { faceCounts, read } from '../contract/samples.ts';

/** The pack in memory: the assets that a minimal set of networks asks for, as a bundle would have them. */
async function pack(ids: readonly string[]): Promise<Map<string, Uint8Array>> {
  const files = ids.flatMap((id) => shippedPack(id).assets);
  const entries = files.map(async (file) => [file, await readFile(`dist/assets/${file}`)] as const);
  return new Map(await Promise.all(entries));
}

const minimal = [
  'ssd-mobilenetv1',
  'ultra-light-rfb-320',
  'blazeface-any-size',
  'facemesh',
  'face-landmark-68',
  'age-gender',
];
const off = { embedding: '', emotions: '' };

describe('the handler without sockets, threads or files', () => {
  it('answers a call from a pack in memory, and says what is off', async () => {
    const assets = await pack(minimal);
    const asked: string[] = [];
    const handler = await createHandler(
      async (name) => {
        asked.push(name);
        return assets.get(name) ?? Promise.reject(new Error(`${name} is not in the pack`));
      },
      { models: off },
    );
    const form = new FormData();
    form.set('a', new Blob([await read('sample1.jpg')]), 'a.jpg');
    const image = 'multipart:a';
    const requests = [
      { image, need_age: true, need_gender: true },
      { image, need_facen: true },
      { image: 'http://example.com/a.jpg' },
    ];
    form.set('request', JSON.stringify({ requests }));
    const call = () => new Request('https://edge.example/', { method: 'POST', body: form });
    const [described, embedded, fetched] = await responsesOf(await handler(call()));
    expect(described!.faces).toHaveLength(faceCounts['sample1.jpg']);
    for (const { age } of described!.faces) expect(age).toBeGreaterThan(0);
    expect(embedded!.error!.code).toBe('MODEL_UNAVAILABLE');
    expect(fetched!.error!.code).toBe('IMAGE_FETCH_DISABLED');
    expect([...new Set(asked)].sort()).toEqual([...assets.keys()].sort());

    const nowhere = await handler(new Request('https://edge.example/nowhere'));
    expect(await failureOf(nowhere)).toEqual([404, 'NOT_FOUND']);
  });
});
