import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { nodePlatform } from '../runtimes/node/host.ts';
import { writeCards } from './cards.ts';

/** `npm run cards`, in the folder of the project. */
const root = pathToFileURL(`${process.cwd()}/`);
for (const { path, found, text } of await writeCards(root, (name) => nodePlatform.readAsset(name))) {
  if (text === found) continue;
  await writeFile(new URL(path, root), text);
  process.stdout.write(`${path} written\n`);
}
