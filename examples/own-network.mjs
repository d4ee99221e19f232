// node examples/own-network.mjs FOLDER PICTURE: emotions by a network of your own. The folder has its file
// and a manifest.json that says how it is read: see docs/models.md.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { createEngine, openNetwork } from 'phiz';

const [folder, picture] = process.argv.slice(2);

// Reads the manifest and holds the file to its SHA-256.
const network = await openNetwork(folder);
const { id, title } = network.manifest;
const engine = await createEngine({ networks: [network], models: { emotions: id } });
try {
  const { faces } = await engine.extract(await readFile(picture), { attributes: ['emotions'] });
  console.log(`${id} (${title}):`);
  for (const { emotions } of faces) {
    console.log(emotions.map(({ label, probability }) => `${label} ${probability.toFixed(2)}`).join(', '));
  }
} finally {
  await engine.close();
}
