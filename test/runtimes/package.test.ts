import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extract } from '../contract/client.ts';
import { faceCounts, read } from '../contract/samples.ts';
import { runtimes } from './runtimes.ts';

const run = promisify(execFile);
const tools = resolve('test/runtimes/node_modules/.bin');

describe('the packed package', () => {
  let folder: string;
  let tarball: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phiz-package-'));
    // dist/ is built already; its declarations are not.
    await run('node', ['build/write-types.mjs']);
    tarball = (await run('node', ['build/pack.mjs', folder])).stdout.trim();
    await writeFile(join(folder, 'package.json'), '{ "private": true }');
    const { stderr } = await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder });
    expect(stderr).not.toContain('scripts');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is what publint and are-the-types-wrong expect', async () => {
    await run(join(tools, 'publint'), [tarball, '--strict']);
    // There is no CommonJS form, which those that cannot load ES modules would want.
    await run(join(tools, 'attw'), [tarball, '--profile', 'esm-only']);
  });

  it('brings the product alone', async () => {
    const found = await readdir(join(folder, 'node_modules/phiz'), { recursive: true });
    const folders = found.map((path) => path.split(sep)).filter(([first]) => first !== 'dist');
    expect(folders.flat().sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    const dist = found.filter((path) => path.startsWith('dist')).map((path) => path.split(sep)[1]);
    expect([...new Set(dist)].filter(Boolean).sort()).toEqual([
      'assets',
      'browser',
      'bun',
      'deno',
      'edge',
      'node',
      'node-api',
      'types',
    ]);
  });

  it('serves by npx in an empty folder', async () => {
    // A group of its own: npx does not pass on the signal that ends it.
    const npx = spawn('npx', ['phiz', 'serve', '--listen', '127.0.0.1:0', '--set', 'model_instances=1'], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((done) => void npx.once('close', () => done()));
    try {
      const url = await new Promise<string>((found) => {
        npx.stdout.on('data', (text) => {
          const address = /listens on (http:\S+)/.exec(String(text));
          if (address) found(address[1]!);
        });
      });
      const [answer] = await extract(url, [{ image: 'multipart:a' }], { a: await read('sample1.jpg') });
      expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);
    } finally {
      process.kill(-npx.pid!, 'SIGTERM');
      await ended;
    }
  });

  describe('is a library', () => {
    const program = `
      import { createEngine, type Face } from 'phiz';
      const engine = await createEngine({ instances: 1, models: { emotions: '' } });
      const { faces } = await engine.extract(await readPicture(), { attributes: ['age'] });
      console.log(JSON.stringify(faces.map(({ age }: Face) => age !== undefined && age > 0)));
      await engine.close();`;

    it('with types', async () => {
      await writeFile(
        join(folder, 'types.mts'),
        `declare function readPicture(): Promise<Uint8Array>;${program}`,
      );
      const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', ''];
      await run(resolve('node_modules/.bin/tsc'), [...strict, 'types.mts'], { cwd: folder });
    });

    it.each(runtimes.map((runtime) => [runtime.name, runtime] as const))('on %s', async (_, runtime) => {
      const [command, ...args] = runtime.command;
      const path = JSON.stringify(resolve('node_modules/@vladmandic/face-api/demo/sample1.jpg'));
      const script = `import { readFile } from 'node:fs/promises'; const readPicture = () => readFile(${path});
        console.log(import.meta.resolve('phiz'));
        ${program.replace(', type Face', '').replace(': Face', '')}`;
      await writeFile(join(folder, 'run.mjs'), script);
      const { stdout } = await run(command, [...args, 'run.mjs'], { cwd: folder });
      const [entry, faces] = stdout.trim().split('\n');
      expect(entry).toMatch(new RegExp(`/phiz/dist/${runtime.folder}/index\\.js$`));
      expect(JSON.parse(faces!)).toEqual([true, true, true]);
    });
  });
});
