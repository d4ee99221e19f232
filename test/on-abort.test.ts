import { expect, it, vi } from 'vitest';
import { onAbort } from '../src/on-abort.ts';
import { untilAborted, withDeadline } from '../src/server/deadline.ts';

/** What Node warns of while something is done. */
async function warningsOf(work: () => Promise<unknown>): Promise<Error[]> {
  const warnings: Error[] = [];
  const listen = (warning: Error) => void warnings.push(warning);
  process.on('warning', listen);
  await work();
  await new Promise((done) => setImmediate(done));
  process.off('warning', listen);
  return warnings;
}

it('tells all that listen, but for those that do no more', () => {
  const controller = new AbortController();
  const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];
  onAbort(controller.signal, first)();
  onAbort(controller.signal, second);
  const forget = onAbort(controller.signal, third);
  forget();
  forget();
  expect(second).not.toHaveBeenCalled();
  controller.abort();
  expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0]);
});

it('leaves a signal without listeners when nobody listens any more', () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const forgets = Array.from({ length: 3 }, () => onAbort(signal, () => {}));
  for (const forget of forgets) forget();
  expect(added).toHaveBeenCalledOnce();
  expect(removed.mock.calls).toEqual(added.mock.calls);
});

it.each([
  ['work until a signal', (signal: AbortSignal) => untilAborted(signal, async () => {})],
  [
    'work with a deadline',
    (signal: AbortSignal) => withDeadline(signal, 1_000, new Error('late'), async () => {}),
  ],
])('%s may be done for any number of pictures: nobody is warned of a leak', async (_, work) => {
  const { signal } = new AbortController();
  const all = () => Promise.all(Array.from({ length: 20 }, () => work(signal)));
  expect(await warningsOf(all)).toEqual([]);
});
