import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Exported by several files as the same thing: by each runtime, by each network. */
const shared = ['createEngine', 'decodeHeic', 'manifest', 'openNetwork', 'startThread'];

it('no exported name means two things', async () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .filter((file) => /^(bench|build|models|runtimes|src|wasm)\//.test(file));
  const places = new Map<string, Set<string>>();
  for (const file of files) {
    const declared =
      /^export (?:declare |abstract |async )*(?:function\*?|class|interface|type|const|let|enum) ([\w$]+)/gm;
    for (const [, name] of (await readFile(join(root, file), 'utf8')).matchAll(declared)) {
      places.set(name!, (places.get(name!) ?? new Set()).add(file));
    }
  }
  expect(places.size).toBeGreaterThan(1_000);
  const twice = [...places].filter(([, where]) => where.size > 1).map(([name]) => name);
  expect(twice.sort()).toEqual(shared);
});
