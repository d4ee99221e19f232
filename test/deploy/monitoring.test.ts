import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postForm } from '../contract/client.ts';
import { read } from '../contract/samples.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));
const shipped = (name: string) =>
  readFile(new URL(`../../deploy/monitoring/${name}`, import.meta.url), 'utf8');

let server: RunningServer;
let exported: Set<string>;

beforeAll(async () => {
  server = await startProcess(process.execPath, program)('model_instances: 1\n');
  const request = { requests: [{ image: 'multipart:a', need_age: true }, { image: 'multipart:missing' }] };
  await (await postForm(server.url, request, { a: await read('sample1.jpg') })).text();
  const text = await (await fetch(new URL('metrics', server.url))).text();
  exported = new Set(text.match(/^\w+/gm));
});
afterAll(() => server?.stop());

/** Names of metrics in PromQL: those of ours, of every process, and of Prometheus about its targets. */
function metricsOf(expressions: string): string[] {
  return expressions.match(/\b(phiz_\w+|process_\w+)\b/g) ?? [];
}

it.each(['grafana-dashboard.json', 'alerts.yaml'])('%s asks for metrics that there are', async (file) => {
  const text = await shipped(file);
  const expressions = [...text.matchAll(/"?expr"?: (.*)/g)].map(([, expression]) => expression);
  expect(expressions.length).toBeGreaterThan(5);
  const asked = new Set(metricsOf(expressions.join('\n')));
  expect(asked.size).toBeGreaterThan(3);
  for (const name of asked) expect(exported).toContain(name);
});

it('alerts.yaml is read by Prometheus', () => {
  const file = fileURLToPath(new URL('../../deploy/monitoring/alerts.yaml', import.meta.url));
  expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toContain('SUCCESS');
});
