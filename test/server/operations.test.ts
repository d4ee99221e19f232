import { afterEach, expect, it } from 'vitest';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { startThread } from '../../runtimes/node-api/thread.ts';
import type { LogFields } from '../../src/log.ts';
import { breath } from '../../src/pool/breathe.ts';
import { Pool } from '../../src/pool/pool.ts';
import { createOperations } from '../../src/server/operations.ts';
import { fakeSettings, picture } from '../pool/fake-instance.ts';

const worker = new URL('../../dist/test/fake-worker.js', import.meta.url);
const lines: { event: string; fields: LogFields | undefined }[] = [];
let stop: (() => Promise<void>) | undefined;

afterEach(() => stop?.());

function start(tickerInterval = 0) {
  const pool = new Pool({
    platform: nodePlatform,
    startThread: () => startThread(worker),
    settings: fakeSettings(),
    instances: 1,
    waiting: 2,
  });
  const operations = createOperations({
    pool,
    log: (_, event, fields) => lines.push({ event, fields }),
    tickerInterval,
    memory: () => 4096,
  });
  stop = async () => {
    operations.close();
    await pool.close();
  };
  return { pool, operations };
}

it('is ready once an instance is loaded, and no longer when it closes', async () => {
  const { pool, operations } = start();
  expect(operations.readiness()).toEqual({ ready: false, detail: '0 of 1 instances loaded' });
  await pool.ready;
  expect(operations.readiness()).toEqual({ ready: true, detail: '1 of 1 instances loaded' });
  await pool.close();
  expect(operations.readiness().ready).toBe(false);
});

it('counts calls, requests, errors, faces and stages', async () => {
  const { pool, operations } = start();
  operations.requestDone(await pool.extract(picture({ faces: 3, locate: 20 }), { attributes: ['age'] }));
  operations.requestDone('BAD_ROI');
  operations.callDone(200, 0.03);
  operations.callDone(503, 0.001);
  const text = operations.metrics().split('\n');
  for (const line of [
    'phiz_calls_total{status="200"} 1',
    'phiz_calls_total{status="503"} 1',
    'phiz_call_seconds_count 2',
    'phiz_requests_total 2',
    'phiz_request_errors_total{code="BAD_ROI"} 1',
    'phiz_faces_total 3',
    'phiz_stage_seconds_bucket{stage="detect",le="0.01"} 0',
    'phiz_stage_seconds_bucket{stage="detect",le="0.025"} 1',
    'phiz_instances 1',
    'phiz_instances_loaded 1',
    'phiz_network_info{network="pretence",runs_on="a clock"} 1',
    'phiz_calls_in_progress 0',
    'process_resident_memory_bytes 4096',
  ]) {
    expect(text).toContain(line);
  }
});

it('tells how long the longest turn with work for calls kept the thread', async () => {
  const { operations } = start();
  const worst = () =>
    Number(/^phiz_event_loop_delay_max_seconds (\S+)$/m.exec(operations.metrics())?.[1]) * 1_000;
  await breath();
  const busyUntil = performance.now() + 80;
  while (performance.now() < busyUntil);
  await expect.poll(worst).toBeGreaterThan(79);
});

it('tells a refused caller to come back when the work before its own should be done, however long none came', async () => {
  const { pool, operations } = start();
  expect(operations.retryAfter()).toBe(1);
  // Of an instance's first ones nobody learns what they take.
  for (let done = 0; done < 16; done++) await pool.extract(picture({ faces: 1, locate: 100 }));
  await new Promise((done) => setTimeout(done, 1_500));
  const tickets = [0, 1, 2].map(() => operations.receive());
  for (const ticket of tickets) ticket.begin(20);
  expect(() => operations.receive()).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
  // Sixty times what one of those took, which a busy machine may have made longer.
  expect(operations.retryAfter()).toBeGreaterThanOrEqual(6);
  expect(operations.retryAfter()).toBeLessThanOrEqual(12);
  tickets[0]!.worked(20);
  tickets[1]!.release();
  expect(operations.retryAfter()).toBeGreaterThanOrEqual(2);
  expect(operations.retryAfter()).toBeLessThanOrEqual(4);
  for (const ticket of tickets) ticket.release();
  expect(operations.retryAfter()).toBe(1);
});

it('writes a line of throughput at a tick when something was asked since the last, and none else', async () => {
  const { pool, operations } = start(50);
  await pool.ready;
  const throughput = () => lines.filter(({ event }) => event === 'throughput');
  await new Promise((done) => setTimeout(done, 200));
  expect(throughput()).toEqual([]);
  operations.requestDone(await pool.extract(picture({ faces: 2 })));
  await expect.poll(throughput).not.toEqual([]);
  await new Promise((done) => setTimeout(done, 200));
  const counted = throughput().map(({ fields }) => fields!.requests as number);
  expect(counted.reduce((sum, requests) => sum + requests)).toBe(1);
  expect(throughput().at(-1)).toMatchObject({ fields: { requests: 1, faces: 2, errors: 0, loaded: 1 } });
});
