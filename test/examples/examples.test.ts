import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emotionLabels } from '../../src/face/face.ts';
import { startNatsServer } from '../bulk/nats-server.ts';
import { faceCounts, pathOf } from '../contract/samples.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const execute = promisify(execFile);
const picture = pathOf('sample1.jpg');
const faces = faceCounts['sample1.jpg'];

/** Runs an example as its first lines say. */
const run = (program: string, name: string, ...args: string[]) =>
  execute(program, [join(examples, name), ...args]);

describe('library.mjs', () => {
  it('describes the faces of a picture, and ends', async () => {
    const { stdout } = await run(process.execPath, 'library.mjs', picture);
    expect(stdout).toContain(`${picture}: ${faces} faces\n`);
    expect(stdout.match(/ \(\d+%\): (fe)?male, about \d+, \w+; a vector of \d+ numbers$/gm)).toHaveLength(
      faces,
    );
  });
  it('goes on after a file that is no picture', async () => {
    const failed = run(process.execPath, 'library.mjs', join(examples, 'README.md'), picture);
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('IMAGE_DECODING_FAILED'),
      stdout: expect.stringContaining(`${faces} faces`),
    });
  });
});

it('own-network.mjs takes the emotions from a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-own-network-'));
  try {
    await copyFile('dist/assets/networks/emotion/model.onnx', join(folder, 'net.onnx'));
    const sha256 = createHash('sha256')
      .update(await readFile(join(folder, 'net.onnx')))
      .digest('hex');
    const manifest = {
      id: 'ours',
      title: 'Ours',
      licence: 'MIT',
      source: 'https://example.org',
      files: [{ name: 'net.onnx', sha256 }],
      input: { size: { width: 64, height: 64 } },
      crop: { eyeHalfDistance: 0.19, eyeHeight: 0.36 },
      decoder: 'emotion',
      labels: ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'],
    };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const { stdout } = await run(process.execPath, 'own-network.mjs', folder, picture);
    const [title, ...lines] = stdout.trim().split('\n');
    expect(title).toBe('ours (Ours):');
    expect(lines).toHaveLength(faces);
    for (const line of lines) for (const label of emotionLabels) expect(line).toContain(label);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('edge.mjs answers a call without a socket', async () => {
  const { stdout } = await run(process.execPath, 'edge.mjs', picture);
  const [, status, text] = /^(\d+) (.*)/.exec(stdout)!;
  expect(status).toBe('200');
  expect(JSON.parse(text!).responses[0].faces).toHaveLength(faces);
});

describe('with the service running', () => {
  let server: RunningServer;
  beforeAll(async () => {
    const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));
    server = await startProcess(process.execPath, program)('model_instances: 1\n');
  });
  afterAll(() => server?.stop());

  it('service.sh writes its answer', async () => {
    const { stdout } = await run('sh', 'service.sh', picture, server.url);
    expect(JSON.parse(stdout).responses[0].faces).toHaveLength(faces);
  });
  it('service.py writes a line for each face, and says what is wrong', async () => {
    const { stdout } = await run('python3', 'service.py', picture, server.url);
    expect(stdout.match(/: (FE)?MALE, about \d+; a vector of \d+ numbers$/gm)).toHaveLength(faces);
    const failed = run('python3', 'service.py', join(examples, 'README.md'), server.url);
    await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining('IMAGE_DECODING_FAILED') });
  });
  it('same.py tells whether two pictures show one person, and says what is wrong', async () => {
    const same = (second: string) => run('python3', 'same.py', picture, second, server.url);
    expect((await same(picture)).stdout).toBe('1.00 same person\n');
    expect((await same(pathOf('sample2.jpg'))).stdout).toMatch(/^-?0\.\d\d different people\n$/);
    const failed = same(join(examples, 'README.md'));
    await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining('IMAGE_DECODING_FAILED') });
  });
});

it('bulk.sh has two workers share a folder, and goes on where it was', async () => {
  const nats = await startNatsServer();
  const folder = await mkdtemp(join(tmpdir(), 'phiz-bulk-example-'));
  try {
    const archive = join(folder, 'archive');
    await mkdir(archive);
    for (const name of ['a.jpg', 'b.jpg']) await copyFile(picture, join(archive, name));
    await writeFile(join(archive, 'broken.jpg'), 'no picture');
    const collect = () => execute('sh', [join(examples, 'bulk.sh'), archive, nats.url], { cwd: folder });
    const linesOf = async () =>
      (await readFile(join(folder, 'faces.ndjson'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect((await collect()).stdout).toMatch(/pending {6}0\n[\s\S]*\n {2}one [\s\S]*\n {2}two /);
    const lines = await linesOf();
    expect(lines.map(({ faces: found, error }) => error?.code ?? found.length).toSorted()).toEqual([
      faces,
      faces,
      'IMAGE_DECODING_FAILED',
    ]);
    await collect();
    expect(await linesOf()).toEqual(lines);
  } finally {
    await nats.stop();
    await rm(folder, { recursive: true });
  }
});

it('all stand in the list', async () => {
  const list = await readFile(join(examples, 'README.md'), 'utf8');
  for (const name of await readdir(examples))
    if (name !== 'README.md') expect(list).toContain(`[${name}](${name})`);
});
