import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faceCounts, pathOf } from '../contract/samples.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';

/** What the README and docs/library.md tell to paste, pasted into a fresh folder. */

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const main = join(root, 'dist/node/main.js');

let folder: string;
let server: RunningServer;
let blocks: readonly { readonly language: string; readonly code: string }[];

beforeAll(async () => {
  blocks = await blocksOf('README.md');
  folder = await mkdtemp(join(tmpdir(), 'phiz-readme-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules/phiz'));
  await copyFile(pathOf('sample1.jpg'), join(folder, 'photo.jpg'));
  const woman = sharp(pathOf('sample1.jpg')).extract({ left: 320, top: 260, width: 370, height: 420 });
  await woman.clone().toFile(join(folder, 'anna-1.jpg'));
  // The same in other pixels.
  await woman
    .resize(300)
    .modulate({ brightness: 1.15 })
    .jpeg({ quality: 70 })
    .toFile(join(folder, 'anna-2.jpg'));
  server = await startProcess(process.execPath, main)('model_instances: 1\n');
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

async function blocksOf(page: string) {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, code]) => ({
    language: language!,
    code: code!,
  }));
}

/** The only block of a language that has a text. */
function block(language: string, holds: string): string {
  const found = blocks.filter((each) => each.language === language && each.code.includes(holds));
  expect(found, `${language} with ${holds}`).toHaveLength(1);
  return found[0]!.code;
}

/** Runs a program that stands in a page; one that does not end fails. */
async function runScript(code: string): Promise<string> {
  await writeFile(join(folder, 'program.mjs'), code);
  const { stdout } = await execute(process.execPath, ['program.mjs'], { cwd: folder, timeout: 100_000 });
  return stdout;
}

/** Runs a command of a page, with the service of the test. */
const runShell = (code: string, cwd: string) =>
  execute('sh', ['-c', code.replaceAll('http://127.0.0.1:18666/', server.url)], { cwd });

test('docs/library.md begins with a program that runs', async () => {
  const [first] = await blocksOf('docs/library.md');
  expect(await runScript(first!.code)).toContain(`${faceCounts['sample1.jpg']} faces\n`);
});

test('the first answer is the one that is shown, about', async () => {
  const { stdout } = await runShell(block('sh', 'photo=@'), root);
  const { faces } = JSON.parse(stdout).responses[0];
  const shown = JSON.parse(block('json', 'detection_score'));
  expect(faces).toHaveLength(faceCounts['sample1.jpg']);
  const [face] = faces;
  expect(Object.keys(face)).toEqual(Object.keys(shown));
  for (const [side, pixel] of Object.entries(shown.bbox))
    expect(face.bbox[side]).toBeCloseTo(pixel as number, -1.5);
  expect(face.detection_score).toBeCloseTo(shown.detection_score, 1);
  expect(face.gender.gender).toBe(shown.gender.gender);
  expect(face.gender.score).toBeCloseTo(shown.gender.score, 0);
  expect(Math.abs(face.age - shown.age)).toBeLessThan(2);
});

test('the same person is told to be the same in JavaScript, and the program ends', async () => {
  expect(await runScript(block('js', '// same.mjs'))).toMatch(/^\d\.\d\d same person\n$/);
});
