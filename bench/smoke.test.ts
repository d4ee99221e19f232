import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contestants } from './speed/contest.ts';
import type { SpeedReport } from './speed/report.ts';

let folder: string;
let text: string;
let report: SpeedReport;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-bench-test-'));
  await promisify(execFile)('npm', ['run', '--silent', 'bench', '--', '--quick', '--out', folder]);
  text = await readFile(join(folder, 'RESULTS.md'), 'utf8');
  report = JSON.parse(await readFile(join(folder, 'RESULTS.json'), 'utf8'));
}, 600_000);

afterAll(() => rm(folder, { recursive: true }));

test('every contestant answers, and finds the faces', () => {
  expect(report.throughput.map(({ id }) => id)).toEqual(contestants.map(({ id }) => id));
  const marked = report.pictures.reduce((sum, { faces }) => sum + faces.length, 0);
  for (const row of report.throughput) {
    expect(row).not.toHaveProperty('failure');
    expect(row).toMatchObject({ recall: { marked } });
  }
  expect(report.throughput[0]).toMatchObject({ id: 'phiz', recall: { found: marked, falseFinds: 0 } });
  for (const row of report.latency) {
    expect(row).not.toHaveProperty('failure');
    expect(row).toMatchObject({ milliseconds: report.pictures.map(() => expect.any(Number)) });
  }
});

test('a picture is answered by one core and by all', () => {
  expect(report.idleCores.rows.map(({ picture }) => picture)).toContain('1920×1280, four faces');
  for (const { one, all, ratio, best } of report.idleCores.rows)
    for (const figure of [one, all, ratio, best]) expect(figure).toBeGreaterThan(0);
});

test('native code finds the faces that phiz finds: it is the same pipeline', () => {
  const [phiz] = report.throughput;
  const native = report.throughput.find(({ id }) => id === 'native');
  expect(native).toMatchObject({ recall: (phiz as { recall: unknown }).recall });
});

test('the profile accounts for every step, and counts the arithmetic', () => {
  const names = report.profile.steps.map(({ name }) => name);
  for (const name of ['decode', 'detect: ssd-mobilenetv1', 'embedding: face-recognition', 'encode'])
    expect(names).toContain(name);
  for (const { name, macs } of report.profile.steps)
    expect(macs > 0).toBe(name.includes(': ') && !name.endsWith('the rest'));
});

test('the tables have a row for every contestant, picture and step', () => {
  for (const { title } of report.throughput) expect(text).toContain(`| ${title} `);
  for (const { name } of report.pictures) expect(text).toContain(`| ${name} `);
  for (const { name } of report.profile.steps) expect(text).toContain(`| ${name} `);
  expect(text).toContain(report.machine.processor);
  expect(text).not.toMatch(/NaN|undefined/);
});
