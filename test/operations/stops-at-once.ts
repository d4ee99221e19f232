import { expect } from 'vitest';
import type { Engine } from '../../src/engine.ts';
import { writeBmp } from '../image/write-bmp.ts';

/** Tries of which one must hold: the machine may be busy with something else for a moment. */
const tries = 4;

/** A picture that is soon decoded. */
export const tiny = writeBmp({ width: 16, height: 16, bits: 24, pixels: new Uint8Array(16 * 48) });

/**
 * The decoding of a picture whose call was given up stops at once.
 * @param engine of one thread, so that whatever it still does is in the way of the next picture
 */
export async function expectToStopAtOnce(engine: Engine, picture: Uint8Array): Promise<void> {
  const request = { detector: 'none' } as const;
  const [whole] = await engine.extractAll(picture, [request]);
  if (!whole?.ok) throw whole?.error;
  const decoding = whole.value.timings.decode!;
  const shares: number[] = [];
  while (shares.length < tries && !shares.some((share) => share < 0.25)) {
    const call = new AbortController();
    const given = engine.extractAll(picture, [request], { signal: call.signal });
    await new Promise((resolve) => setTimeout(resolve, decoding / 4));
    call.abort(new Error('nobody waits'));
    expect(await given).toMatchObject([{ ok: false, error: { code: 'TIMEOUT' } }]);
    const start = performance.now();
    await engine.extract(tiny, request);
    shares.push((performance.now() - start) / decoding);
  }
  expect(Math.min(...shares)).toBeLessThan(0.25);
}
