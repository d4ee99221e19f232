// node examples/edge.mjs PICTURE: the service as a fetch handler. An edge runtime exports it
// (`export default { fetch: handler }`) and bundles the assets; here they are read from files.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { createHandler } from 'phiz/edge';

const assets = new URL('../dist/assets/', import.meta.url);

// Without embeddings and emotions everything fits into 128 MB.
const handler = await createHandler(async (name) => new Uint8Array(await readFile(new URL(name, assets))), {
  models: { embedding: '', emotions: '' },
});

const body = new FormData();
body.set('picture', new Blob([await readFile(process.argv[2])]));
body.set('request', JSON.stringify({ requests: [{ image: 'multipart:picture', need_age: true }] }));
const response = await handler(new Request('https://edge.example/', { method: 'POST', body }));
console.log(response.status, await response.text());
// Instances of an edge live as long as their isolate.
process.exit(response.ok ? 0 : 1);
