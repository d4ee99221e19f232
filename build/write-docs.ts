import { writeFile } from 'node:fs/promises';
import { configurationPage } from './configuration-page.ts';

/** `npm run docs`, in the folder of the project: the pages of docs/ that are made from the code. */
await writeFile('docs/configuration.md', configurationPage());
