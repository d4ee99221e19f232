import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type * as Phiz from '../../../runtimes/node/index.ts';
import { everything } from '../everything.ts';
import { serveContestant } from '../serve-contestant.ts';

const { bun, deno, node } = process.versions;
const runtime = bun
  ? { folder: 'bun', name: `Bun ${bun}` }
  : deno
    ? { folder: 'deno', name: `Deno ${deno}` }
    : { folder: 'node', name: `Node ${node}` };

/** phiz as a library: the built one of a checkout. */
await serveContestant(async ({ instances, checkout, leastFace }) => {
  const { createEngine } = (await import(
    pathToFileURL(join(checkout, 'dist', runtime.folder, 'index.js')).href
  )) as typeof Phiz;
  const engine = await createEngine({
    instances,
    ...(leastFace !== undefined && { faces: { least: leastFace, most: Number.POSITIVE_INFINITY } }),
  });
  const looking = leastFace === undefined ? '' : `, min_face_size ${leastFace}`;
  return {
    description: `phiz on ${runtime.name}${looking}`,
    async answer(jpeg) {
      const { faces } = await engine.extract(jpeg, { attributes: everything });
      return faces.map(({ box }) => box);
    },
    close: () => engine.close(),
  };
});
