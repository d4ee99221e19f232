import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodePlatform } from '../../runtimes/node/host.ts';
import { startThread } from '../../runtimes/node-api/thread.ts';
import { PhizError } from '../../src/errors.ts';
import type { Face } from '../../src/face/face.ts';
import type { Thread } from '../../src/platform.ts';
import { Pool, type PoolOptions } from '../../src/pool/pool.ts';
import { type FakeSettings, fakeSettings, picture } from './fake-instance.ts';

const worker = new URL('../../dist/test/fake-worker.js', import.meta.url);
const attributes = ['age'] as const;
const pools: Pool[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

async function startPool(
  options: Partial<PoolOptions> = {},
  settings: Partial<FakeSettings> = {},
): Promise<Pool> {
  const pool = new Pool({
    platform: nodePlatform,
    startThread: () => startThread(worker),
    settings: fakeSettings(settings),
    instances: 2,
    ...options,
  });
  pools.push(pool);
  await pool.ready;
  return pool;
}

async function allLoaded(pool: Pool): Promise<void> {
  while (pool.status.loaded < pool.status.instances) await new Promise((done) => setTimeout(done, 5));
}

const codes = (outcomes: Awaited<ReturnType<Pool['extractAll']>>): string[] =>
  outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));

describe('the pool', () => {
  it('answers each request of a picture, in order, and sums up its time', async () => {
    const pool = await startPool();
    const region = { left: 10, top: 0, right: 50, bottom: 50 };
    const outcomes = await pool.extractAll(picture({ faces: 2, locate: 3 }), [{ attributes }, { region }]);
    expect(outcomes).toEqual([
      {
        ok: true,
        value: {
          width: 100,
          height: 50,
          faces: [
            { box: { left: 0, top: 0, right: 5, bottom: 5 }, confidence: 0.5, age: expect.any(Number) },
            { box: { left: 1, top: 0, right: 6, bottom: 5 }, confidence: 0.5, age: expect.any(Number) },
          ],
          timings: { detect: 3, age: 2 },
        },
      },
      {
        ok: true,
        value: {
          width: 100,
          height: 50,
          faces: [
            { box: { left: 10, top: 0, right: 15, bottom: 5 }, confidence: 0.5 },
            { box: { left: 11, top: 0, right: 16, bottom: 5 }, confidence: 0.5 },
          ],
          timings: { detect: 3 },
        },
      },
    ]);
  });

  it('leaves an instance to small pictures beside any number of heavy ones', async () => {
    const pool = await startPool({ heavy: 100, price: (file) => (file.length > 100 ? 100 : 1) });
    await allLoaded(pool);
    const heavy = Buffer.concat([picture({ locate: 300 }), new Uint8Array(100).fill(0x20)]);
    const done: string[] = [];
    const all = Array.from({ length: 4 }, () => pool.extract(heavy).then(() => done.push('heavy')));
    for (let i = 0; i < 3; i++) await pool.extract(picture({ locate: 1 })).then(() => done.push('small'));
    expect(done).toEqual(['small', 'small', 'small']);
    await Promise.all(all);
  });

  it('has whoever has worked collect its garbage when there is nothing to do', async () => {
    const told: string[] = [];
    const resting = (thread: Thread): Thread => ({
      ...thread,
      post(message, transfer) {
        if ((message as { type: string }).type === 'rest') told.push('instance');
        thread.post(message, transfer);
      },
    });
    const pool = await startPool({
      instances: 1,
      startThread: () => resting(startThread(worker)),
      restAfter: 20,
      onRest: () => told.push('pool'),
    });
    const rest = async () => {
      while (told.at(-1) !== 'pool') await new Promise((done) => setTimeout(done, 5));
      return told.splice(0);
    };
    expect(await rest()).toEqual(['instance', 'pool']);
    await new Promise((done) => setTimeout(done, 100));
    expect(told).toEqual([]);
    await pool.extract(picture({ faces: 1 }));
    expect(await rest()).toEqual(['instance', 'pool']);
  });

  it("leaves the caller's bytes as they were, in Node's Buffer too", async () => {
    const pool = await startPool();
    const bytes = Buffer.from(picture({ faces: 1 }));
    const before = Buffer.from(bytes).toString('hex');
    await pool.extractAll(bytes, [{}]);
    expect(bytes.toString('hex')).toBe(before);
  });

  it('gives the faces of one picture to all idle instances', async () => {
    const pool = await startPool();
    await allLoaded(pool);
    const { faces } = await pool.extract(picture({ faces: 4, describe: 5 }), { attributes });
    expect(new Set(faces.map(({ age }) => age)).size).toBe(2);
    expect(faces.map(({ box }) => box.left)).toEqual([0, 1, 2, 3]);
  });

  it('has the vector of a face computed by one instance and all else by another', async () => {
    const pool = await startPool();
    await allLoaded(pool);
    const both = { attributes: ['age', 'embedding'] } as const;
    const { faces, timings } = await pool.extract(picture({ faces: 1, describe: 20 }), both);
    expect(faces).toEqual([
      {
        box: { left: 0, top: 0, right: 5, bottom: 5 },
        confidence: 0.5,
        age: expect.any(Number),
        embedding: expect.any(Float32Array),
      },
    ]);
    expect(faces[0]!.embedding![0]).not.toBe(faces[0]!.age);
    expect(timings.age).toBe(2);
  });

  it.each(['none', 'primary'] as const)(
    'describes faces where they were found, unless another instance is idle: detector %s',
    async (detector) => {
      const asked = { attributes: ['age', 'embedding'], detector } as const;
      const [alone, two] = await Promise.all([startPool({ instances: 1 }), startPool()]);
      await allLoaded(two);
      for (const pool of [alone, two]) {
        const { faces, timings } = await pool.extract(picture({ faces: 1 }), asked);
        expect(faces).toMatchObject([{ age: expect.any(Number), embedding: expect.any(Float32Array) }]);
        expect(timings).toMatchObject({ detect: 0, age: pool === alone ? 1 : 2 });
      }
      expect([alone.status.done, two.status.done]).toEqual([1, 3]);
    },
  );

  it('describes a crowd in pieces, so that others need not wait for all of it', async () => {
    const pool = await startPool({ instances: 1 });
    const { faces } = await pool.extract(picture({ faces: 9 }), { attributes: ['age'] });
    expect(faces).toHaveLength(9);
    expect(pool.status.done).toBe(3);
  });

  it('opens a picture once, whatever asks something of it, and calls take turns meanwhile', async () => {
    const openings = new SharedArrayBuffer(4);
    const pool = await startPool({}, { openings });
    await allLoaded(pool);
    const requests = Array.from({ length: 12 }, () => ({ attributes }));
    const shared = [1, 2, 3].map(() => pool.extractAll(picture({ faces: 1, locate: 5 }), requests));
    await pool.extract(picture({}));
    await Promise.all(shared);
    expect(new Int32Array(openings)[0]).toBe(4);
  });

  it('closes every picture once: what one request is made on at once, others when all have been answered', async () => {
    const closings = new SharedArrayBuffer(4);
    const closed = () => new Int32Array(closings)[0];
    const pool = await startPool({ instances: 1 }, { closings });
    await pool.extract(picture({ faces: 1 }), { attributes });
    expect(closed()).toBe(1);
    await expect(pool.extract(picture({ misbehave: 'refuse' }))).rejects.toThrow();
    expect(closed()).toBe(2);
    await pool.extractAll(picture({ faces: 1 }), [{}, {}, {}]);
    await vi.waitFor(() => expect(closed()).toBe(3));
    const controller = new AbortController();
    const long = pool.extractAll(picture({ locate: 500 }), [{}, {}], { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(codes(await long)).toEqual(['TIMEOUT', 'TIMEOUT']);
    await vi.waitFor(() => expect(closed()).toBe(4));
    await pool.extract(picture({}));
    expect(closed()).toBe(5);
  });

  it('opens a picture again where too many are open', async () => {
    const openings = new SharedArrayBuffer(4);
    const pool = await startPool({ instances: 1 }, { openings });
    // Of 120 MB; an instance keeps 128.
    const large = picture({ width: 800_000, locate: 2 });
    const batches = await Promise.all([1, 2].map(() => pool.extractAll(large, [{}, {}, {}, {}])));
    expect(batches.flatMap(codes)).toEqual(Array(8).fill('ok'));
    expect(new Int32Array(openings)[0]).toBeGreaterThan(2);
  });

  it('opens a picture elsewhere when the instance that had it is lost', async () => {
    const pool = await startPool();
    await allLoaded(pool);
    const outcomes = await pool.extractAll(picture({ faces: 1, locate: 5, misbehave: 'crash', once: true }), [
      {},
      {},
      {},
      {},
    ]);
    expect(codes(outcomes)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(pool.status.replaced).toBe(1);
  });

  it('passes on what an instance refuses, and keeps the instance', async () => {
    const pool = await startPool();
    await expect(pool.extract(picture({ misbehave: 'refuse' }))).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: 'Failed to decode: not a picture',
    });
    expect(pool.status.replaced).toBe(0);
  });

  it('lets a small call overtake a large batch', async () => {
    const pool = await startPool({ instances: 1 });
    const batch = pool.admit(0);
    let done = 0;
    const all = Array.from({ length: 20 }, async () => {
      await pool.extract(picture({ faces: 1, locate: 5, describe: 5 }), { attributes }, { ticket: batch });
      done++;
    });
    await pool.extract(picture({ faces: 1, locate: 5 }), { attributes });
    expect(done).toBeLessThanOrEqual(3);
    await Promise.all(all);
    batch.release();
  });

  it('finishes a call that has begun before it begins another', async () => {
    const pool = await startPool({ instances: 1 });
    const order: string[] = [];
    await Promise.all(
      ['first', 'second'].map(async (name) => {
        await pool.extract(picture({ faces: 1, locate: 10, describe: 1 }), { attributes });
        order.push(`${name}, ${pool.status.busy + pool.status.waiting} to come`);
      }),
    );
    expect(order).toEqual(['first, 1 to come', 'second, 0 to come']);
  });

  it('refuses calls beyond its bounds at once', async () => {
    const pool = await startPool({ instances: 1, waiting: 1 });
    const accepted = [0, 1].map(() => pool.extract(picture({ locate: 50 })));
    const began = performance.now();
    await expect(pool.extract(picture({}))).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(performance.now() - began).toBeLessThan(40);
    await Promise.all(accepted);
    await pool.extract(picture({}));
  });
});

describe('a forward pass', () => {
  const threadsOf = (faces: readonly Face[]) => new Set(faces.map(({ box }) => box.top)).size;
  const valuesOf = (faces: readonly Face[]) => faces.map(({ box }) => box.left);

  it('is shared with an instance that is idle', async () => {
    const pool = await startPool();
    await allLoaded(pool);
    const { faces } = await pool.extract(picture({ items: 5, item: 2 }));
    expect(valuesOf(faces)).toEqual([0, 2, 4, 6, 8]);
    expect(threadsOf(faces)).toBe(2);
    expect(pool.status.done).toBe(1);
  });

  it('is shared with whoever helped with the one just before', async () => {
    const pool = await startPool();
    await allLoaded(pool);
    const [items, passes] = [4, 8];
    const { faces } = await pool.extract(picture({ items, item: 10, passes }));
    for (let pass = 0; pass < passes; pass++) {
      const found = faces.slice(items * pass, items * (pass + 1));
      expect(valuesOf(found)).toEqual([0, 2, 4, 6]);
      expect(threadsOf(found)).toBe(2);
    }
  });

  it('is shared with nobody while others wait for an instance', async () => {
    const pool = await startPool();
    await allLoaded(pool);
    const before = [1, 2].map(() => pool.extract(picture({ locate: 40 })));
    const between = pool.extract(picture({ items: 4, item: 2 }));
    const behind = [1, 2, 3, 4].map(() => pool.extract(picture({ locate: 40 })));
    const { faces } = await between;
    expect(threadsOf(faces)).toBe(1);
    await Promise.all([...before, ...behind]);
  });

  it.each(['crash', 'throw', 'refuse'] as const)(
    'is finished by whoever asked where the helper fails: %s',
    async (helper) => {
      const pool = await startPool();
      await allLoaded(pool);
      const { faces } = await pool.extract(picture({ items: 4, item: 1, helper }));
      expect(valuesOf(faces)).toEqual([0, 2, 4, 6]);
      expect(threadsOf(faces)).toBe(1);
      expect(pool.status.replaced).toBe(helper === 'refuse' ? 0 : 1);
    },
  );

  it.each(['loop', 'hang'] as const)(
    'does not make whoever waits for it seem to hang: %s',
    async (helper) => {
      const pool = await startPool({ limits: { stall: 400 } });
      await allLoaded(pool);
      const { faces } = await pool.extract(picture({ items: 4, item: 1, helper }));
      expect(valuesOf(faces)).toEqual([0, 2, 4, 6]);
      expect(pool.status.replaced).toBe(1);
    },
  );

  it('ends with its call, and a helper that does not is stopped', async () => {
    const pool = await startPool({ limits: { yield: 100 } });
    await allLoaded(pool);
    const stop = new AbortController();
    const answer = pool.extract(picture({ items: 2, item: 1, helper: 'loop' }), {}, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(answer).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(pool.extract(picture({ faces: 1 }))).resolves.toMatchObject({ faces: [{}] });
    while (pool.status.replaced === 0) await new Promise((done) => setTimeout(done, 5));
  });
});

describe('stopping work', () => {
  it('may have any number of requests in a call: nobody is warned of a leak', async () => {
    const pool = await startPool();
    const warned = vi.fn();
    process.on('warning', warned);
    const requests = Array.from({ length: 20 }, () => ({}));
    const { signal } = new AbortController();
    expect(codes(await pool.extractAll(picture({}), requests, { signal }))).toEqual(requests.map(() => 'ok'));
    await new Promise((done) => setImmediate(done));
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  });

  it('drops what waits', async () => {
    const pool = await startPool({ instances: 1 });
    const running = pool.extract(picture({ locate: 50 }));
    const controller = new AbortController();
    const waiting = pool.extractAll(picture({}), [{}, {}], { signal: controller.signal });
    expect(pool.status.waiting).toBe(1);
    controller.abort(new PhizError('TIMEOUT', 'too late'));
    expect(pool.status.waiting).toBe(0);
    expect(codes(await waiting)).toEqual(['TIMEOUT', 'TIMEOUT']);
    await running;
  });

  it('ends running work at its next checkpoint, without the thread', async () => {
    const pool = await startPool({ instances: 1 });
    const began = performance.now();
    await expect(
      pool.extract(picture({ locate: 20_000 }), {}, { signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({ code: 'TIMEOUT' });
    await pool.extract(picture({}));
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(pool.status.replaced).toBe(0);
  });

  it('stops a thread that does not yield', async () => {
    const pool = await startPool({ instances: 1, limits: { yield: 50 } });
    await expect(
      pool.extract(picture({ misbehave: 'loop', once: true }), {}, { signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({ code: 'TIMEOUT' });
    await pool.extract(picture({}));
    expect(pool.status.replaced).toBe(1);
  });

  it('does not begin what was stopped before', async () => {
    const pool = await startPool();
    const outcome = await pool.extractAll(picture({}), [{}], { signal: AbortSignal.abort() });
    expect(codes(outcome)).toEqual(['TIMEOUT']);
  });
});

describe('instances that fail', () => {
  it.each(['crash', 'hang', 'loop', 'throw', 'out of memory'] as const)(
    'does the work again on another after: %s',
    async (misbehave) => {
      const pool = await startPool({ limits: { stall: 200 } });
      const { faces } = await pool.extract(picture({ faces: 1, misbehave, once: true }));
      expect(faces).toHaveLength(1);
      expect(pool.status.replaced).toBe(1);
      await allLoaded(pool);
    },
  );

  it('answers INTERNAL when two instances were lost over a picture, and serves the next', async () => {
    const pool = await startPool();
    await expect(pool.extract(picture({ misbehave: 'crash' }))).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(pool.status.replaced).toBe(2);
    await pool.extract(picture({}));
  });

  it('answers everything that it accepted while instances die under load', async () => {
    const pool = await startPool({ waiting: 300 });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        pool.extractAll(
          picture(index % 20 === 7 ? { misbehave: 'crash' } : { faces: 2, locate: 1, describe: 1 }),
          [{ attributes }],
        ),
      ),
    );
    // A thread works on one picture at a time: nobody else's work goes with it.
    const expected = answers.map((_, index) => (index % 20 === 7 ? 'INTERNAL' : 'ok'));
    expect(answers.map((outcomes) => codes(outcomes)[0])).toEqual(expected);
    expect(pool.status.replaced).toBe(20);
    expect(pool.status.calls).toBe(0);
  });

  it('replaces those that die without work', async () => {
    const threads: Thread[] = [];
    const start = () => {
      const thread = startThread(worker);
      threads.push(thread);
      return thread;
    };
    const pool = await startPool({ startThread: start });
    await allLoaded(pool);
    await Promise.all(threads.slice().map((thread) => thread.stop()));
    await expect(pool.extract(picture({ faces: 1 }))).resolves.toMatchObject({ faces: [{}] });
    expect(pool.status.replaced).toBe(2);
    await allLoaded(pool);
    expect(threads).toHaveLength(4);
  });

  it('is ready, and complete in time, where one of them dies while it starts', async () => {
    const pool = await startPool({}, { failToLoad: 'once' });
    await allLoaded(pool);
    expect(pool.status.replaced).toBe(1);
    await pool.extract(picture({}));
  });

  it('says so when no instance can be loaded', async () => {
    await expect(startPool({}, { failToLoad: 'always' })).rejects.toThrow('weights are corrupt');
  });

  it('gives up at once where the instance refuses its settings', async () => {
    await expect(startPool({}, { refuseToLoad: true })).rejects.toMatchObject({
      name: 'PhizError',
      code: 'MODEL_UNAVAILABLE',
      message: 'the file does not fit',
    });
  });

  it('says which asset is missing', async () => {
    await expect(startPool({}, { asset: 'weights/none.bin' })).rejects.toThrow('weights/none.bin');
  });
});

describe('closing', () => {
  it('answers what was accepted, and refuses the rest', async () => {
    const pool = await startPool({ instances: 1 });
    const accepted = [1, 2, 3].map(() =>
      pool.extractAll(picture({ faces: 1, locate: 10 }), [{ attributes }]),
    );
    const closing = pool.close();
    await expect(pool.extract(picture({}))).rejects.toMatchObject({ code: 'OVERLOADED' });
    await closing;
    expect((await Promise.all(accepted)).flatMap(codes)).toEqual(['ok', 'ok', 'ok']);
  });
});
