import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postForm, responsesOf } from '../contract/client.ts';
import { read } from '../contract/samples.ts';
import type { RunningServer } from '../contract/server.ts';
import { startProcess } from '../contract/start-process.ts';
import { freePort, type Nginx, startNginx } from './nginx.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));
const clients = 6;

let ports: [number, number];
let hosts: [RunningServer, RunningServer];
let nginx: Nginx;

const startHost = (index: 0 | 1) =>
  startProcess(process.execPath, program)('model_instances: 1\n', `127.0.0.1:${ports[index]}`);

beforeAll(async () => {
  ports = [await freePort(), await freePort()];
  hosts = await Promise.all([startHost(0), startHost(1)]);
  nginx = await startNginx(ports);
});
afterAll(async () => {
  await nginx?.stop();
  await Promise.all(hosts?.map((host) => host.stop()) ?? []);
});

/** Calls that a host has answered since it was started. */
async function answeredBy({ url }: RunningServer): Promise<number> {
  const metrics = await (await fetch(new URL('metrics', url))).text();
  return Number(/^phiz_calls_total\{status="200"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('two hosts behind nginx: one is stopped, killed and started again under load, and no request is lost', async () => {
  const picture = await read('sample1.jpg');
  // A face that fills the picture is asked for, so that many calls are made in little time.
  const [found] = await responsesOf(
    await postForm(
      nginx.url,
      { requests: [{ image: 'multipart:a', need_normalized: true }] },
      { a: picture },
    ),
  );
  const face = Buffer.from(found!.faces[0]!.normalized!, 'base64');
  const request = { image: 'multipart:a', detector: 'prenormalized', need_age: true, need_facen: true };

  let loaded = true;
  const statuses = new Map<number, number>();
  let answered = 0;
  const load = Promise.all(
    Array.from({ length: clients }, async () => {
      while (loaded) {
        const response = await postForm(nginx.url, { requests: [request] }, { a: face });
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        const text = await response.text();
        if (response.status !== 200) console.log(text);
        const { responses } = JSON.parse(text) as { responses?: { faces: unknown[] }[] };
        if (responses?.[0]?.faces.length === 1) answered++;
      }
    }),
  );

  // Both take part.
  await until(async () => (await answeredBy(hosts[0])) >= 10 && (await answeredBy(hosts[1])) >= 10);

  const before = answered;
  expect(await hosts[0].stop()).toBe(0);
  await until(() => answered >= before + 20);
  hosts[0] = await startHost(0);
  // It gets its share again.
  await until(async () => (await answeredBy(hosts[0])) >= 10);

  const meanwhile = answered;
  process.kill(hosts[1].pid, 'SIGKILL');
  await until(() => answered >= meanwhile + 20);
  hosts[1] = await startHost(1);
  await until(async () => (await answeredBy(hosts[1])) >= 10);

  loaded = false;
  await load;
  expect(Object.fromEntries(statuses)).toEqual({ 200: answered });
});

it('a call has one id in front and behind', async () => {
  const given = await fetch(new URL('health', nginx.url), { headers: { 'X-Request-Id': 'camera-7.42' } });
  expect(given.headers.get('x-request-id')).toBe('camera-7.42');
  const made = await fetch(new URL('health', nginx.url));
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
});
