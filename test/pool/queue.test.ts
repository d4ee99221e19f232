import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../src/pool/queue.ts';

describe('fair queue', () => {
  it('keeps the order within a group and lets groups take turns', () => {
    const queue = new FairQueue<string>();
    const [batch, single] = [{}, {}];
    for (const item of ['b1', 'b2', 'b3']) queue.push(batch, item);
    queue.push(single, 's1');
    expect([queue.take(), queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([
      'b1',
      's1',
      'b2',
      'b3',
      undefined,
    ]);
  });

  it('removes what waits, and says whether it did', () => {
    const queue = new FairQueue<string>();
    const group = {};
    queue.push(group, 'a');
    expect(queue.remove(group, 'b')).toBe(false);
    expect(queue.remove(group, 'a')).toBe(true);
    expect(queue.remove(group, 'a')).toBe(false);
    expect(queue.length).toBe(0);
    expect(queue.take()).toBeUndefined();
  });

  it('never lets a group be served twice while another waits, whatever is pushed', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 60 }), (owners) => {
        const groups = Array.from({ length: 5 }, () => ({}));
        const queue = new FairQueue<{ owner: number; serial: number }>();
        owners.forEach((owner, serial) => {
          queue.push(groups[owner] as object, { owner, serial });
        });
        const left = owners.map((owner, serial) => ({ owner, serial }));
        let served: number[] = [];
        while (left.length > 0) {
          const item = queue.take();
          const waiting = new Set(left.map(({ owner }) => owner));
          if ([...waiting].every((owner) => served.includes(owner))) served = [];
          expect(served).not.toContain(item?.owner);
          served.push(item?.owner as number);
          const index = left.findIndex(({ owner }) => owner === item?.owner);
          expect(left[index]).toEqual(item);
          left.splice(index, 1);
          expect(queue.length).toBe(left.length);
        }
      }),
    );
  });
});
