import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The rooms, from the front doors down: a file imports from its own room and from those below it. */
const rooms = [
  ['src/cli'],
  ['src/bulk'],
  ['src/server'],
  ['src/config', 'src/draw'],
  ['src/index.ts', 'src/create-engine.ts'],
  ['src/pool', 'src/engine.ts'],
  ['src/pipeline', 'src/platform.ts'],
  ['src/face'],
  ['src/detect'],
  ['src/image', 'src/nn', 'src/base64.ts'],
  ['wasm'],
  [
    'src/errors.ts',
    'src/log.ts',
    'src/bytes.ts',
    'src/digest.ts',
    'src/is-record.ts',
    'src/on-abort.ts',
    'package.json',
  ],
];

/** How far down a file is; undefined outside all rooms. */
function depthOf(path: string): number | undefined {
  const depth = rooms.findIndex((room) =>
    room.some((place) => path === place || path.startsWith(`${place}/`)),
  );
  return depth < 0 ? undefined : depth;
}

it('imports within src point down', async () => {
  const files = (await readdir(join(root, 'src'), { recursive: true })).filter((file) =>
    file.endsWith('.ts'),
  );
  const upwards: string[] = [];
  for (const file of files.map((name) => `src/${name.replaceAll('\\', '/')}`)) {
    const from = depthOf(file);
    expect(from, `${file} is in none of the rooms`).toBeDefined();
    for (const [, specifier] of (await readFile(join(root, file), 'utf8')).matchAll(/from '(\.[^']+)'/g)) {
      const target = relative(root, resolve(root, dirname(file), specifier!)).replaceAll('\\', '/');
      const to = depthOf(target);
      if (to === undefined || to < from!) upwards.push(`${file} imports ${target}`);
    }
  }
  expect(upwards).toEqual([]);
});
