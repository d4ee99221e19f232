import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ShareBox } from '../../src/nn/share-box.ts';
import type { Share } from '../../src/nn/shared-pass.ts';

/** A share with as many values. */
const shareOf = (values: number, from = 0): Share => ({
  from,
  count: 2,
  outputs: {
    points: { data: Float32Array.from({ length: values }, (_, index) => index / 3), shape: [2, values / 2] },
    nothing: { data: new Float32Array(), shape: [2, 0] },
  },
});
const gated: Share = {
  from: 7,
  count: 1,
  outputs: {
    'größe/1': {
      data: Float32Array.of(-0, Number.NaN, 1e-45),
      shape: [1, 3],
      cells: Int32Array.of(2, 5, 2 ** 30),
    },
  },
};

/** The helper's end of a box. */
const otherEnd = ({ memory }: ShareBox) => new ShareBox(memory);

describe('a box', () => {
  it.each([
    ['none', []],
    ['several, with outputs of some cells', [shareOf(6), gated]],
    ['more than it has room for at first', [shareOf(50_000), gated, shareOf(4, 9)]],
  ])('gives the shares that were left in it: %s', (_, shares) => {
    const box = new ShareBox();
    otherEnd(box).fill(shares);
    expect(box.take()).toEqual(shares);
  });

  it('gives values that nobody else has', () => {
    const box = new ShareBox();
    otherEnd(box).fill([shareOf(2)]);
    const [share] = box.take()!;
    otherEnd(box).fill([{ ...shareOf(2), from: 1 }]);
    expect(share).toEqual(shareOf(2));
    expect(share!.outputs.points!.data.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('has a turn for each pass', () => {
    const box = new ShareBox();
    for (const from of [0, 1, 2]) {
      const helper = otherEnd(box);
      expect(helper.isAwaited).toBe(true);
      helper.fill([shareOf(2, from)]);
      expect(helper.isAwaited).toBe(false);
      expect(box.take()).toEqual([shareOf(2, from)]);
      // The pool, which is told of the helper's end later, still knows that this one is over.
      expect(helper.isAwaited).toBe(false);
    }
  });

  it('is missed where nobody fills it, for good', () => {
    const box = new ShareBox();
    const [pool, helper] = [otherEnd(box), otherEnd(box)];
    pool.miss();
    helper.fill([shareOf(2)]);
    expect(box.take()).toBeUndefined();
  });

  it('keeps what was left in it where the helper is lost after that', () => {
    const box = new ShareBox();
    const [pool, helper] = [otherEnd(box), otherEnd(box)];
    helper.fill([shareOf(2)]);
    pool.miss();
    expect(box.take()).toEqual([shareOf(2)]);
    pool.miss();
    expect(otherEnd(box).isAwaited).toBe(true);
  });

  it('is missed where the shares are larger than any that there are', () => {
    const box = new ShareBox();
    otherEnd(box).fill([shareOf(2 ** 24)]);
    expect(box.take()).toBeUndefined();
  });

  it('is waited for, while another thread is at work', async () => {
    const box = new ShareBox();
    otherEnd(box).fill([shareOf(2)]);
    const { memory } = box;
    const filled = new Uint8Array(memory).slice();
    const waiting = new ShareBox(new SharedArrayBuffer(filled.length, { maxByteLength: filled.length }));
    // What `fill` does, 50 ms later: the worker has no TypeScript.
    const worker = new Worker(
      `const { workerData: { memory, filled } } = require('node:worker_threads');
      setTimeout(() => {
        new Uint8Array(memory, 4).set(filled.subarray(4));
        Atomics.store(new Int32Array(memory), 0, 1);
        Atomics.notify(new Int32Array(memory), 0);
      }, 50);`,
      { eval: true, workerData: { memory: waiting.memory, filled } },
    );
    expect(waiting.take()).toEqual([shareOf(2)]);
    await worker.terminate();
  });
});
