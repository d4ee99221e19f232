import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { madePages } from './made-pages.ts';

/** `npm run docs`, in the folder of the project: the pages of docs/ that are made from the code. */
const root = pathToFileURL(`${process.cwd()}/`);
for (const [path, text] of await madePages(root)) await writeFile(new URL(path, root), text);
