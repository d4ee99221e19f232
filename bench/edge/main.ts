import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { shippedPack } from '../../models/catalogue.ts';
import { createHandler } from '../../runtimes/edge/handler.ts';

/**
 * `npm run bench:edge`: memory of the edge handler with a minimal pack, over photographs that it looks at
 * one after the other. An isolate is counted for its heap, buffers and the memory of WebAssembly.
 */
const minimal = [
  'ssd-mobilenetv1',
  'ultra-light-rfb-320',
  'blazeface-any-size',
  'facemesh',
  'face-landmark-68',
  'age-gender',
];
const photographs = 60;

const isolate = () => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const resident = () => process.memoryUsage.rss();

const before = resident();
const files = minimal.flatMap((id) => shippedPack(id).assets);
const assets = new Map(
  await Promise.all(files.map(async (file) => [file, await readFile(`dist/assets/${file}`)] as const)),
);
const handler = await createHandler(async (name) => assets.get(name)!, {
  models: { embedding: '', emotions: '' },
});
let most = { isolate: isolate(), resident: resident() };
for (let index = 0; index < photographs; index++) {
  const name = `sample${1 + (index % 6)}.jpg`;
  const form = new FormData();
  form.set('a', new Blob([await readFile(`node_modules/@vladmandic/face-api/demo/${name}`)]), name);
  const request = { image: 'multipart:a', need_age: true, need_gender: true };
  form.set('request', JSON.stringify({ requests: [request] }));
  const answer = await handler(new Request('https://edge.example/', { method: 'POST', body: form }));
  const { responses } = (await answer.json()) as { responses: [{ faces: unknown[] }] };
  if (responses[0].faces.length === 0) throw new Error(`expected faces in ${name}`);
  most = {
    isolate: Math.max(most.isolate, isolate()),
    resident: Math.max(most.resident, resident()),
  };
}
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
console.log(
  `most of the isolate: ${megabytes(most.isolate)}; resident: ${megabytes(most.resident)}, ` +
    `of which ${megabytes(before)} before anything was loaded`,
);
