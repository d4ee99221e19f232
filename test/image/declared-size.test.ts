import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../models/catalogue.ts';
import { declaredSize } from '../../src/image/declared-size.ts';
import { createPrice } from '../../src/pipeline/price.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import { encodeJpeg } from './jpeg/encoder.ts';
import { testPlanes } from './jpeg/planes.ts';
import { oneOfEach } from './one-of-each.ts';

let files: Map<string, Uint8Array>;
beforeAll(async () => {
  files = await oneOfEach();
});

describe('the size that a file declares', () => {
  it('is told of every format', () => {
    for (const [name, bytes] of files) {
      expect([name, declaredSize(bytes)]).toEqual([name, { width: 960, height: 640 }]);
    }
  });

  it('is told of a JPEG whose height stands behind its first scan, or guessed where that is far away', () => {
    const bytes = encodeJpeg({ width: 40, height: 24, planes: testPlanes([[1, 1]]) });
    const frame = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xc0);
    bytes.fill(0, frame + 5, frame + 7);
    const lines = [0xff, 0xdc, 0, 4, 0, 24];
    const file = Uint8Array.from([...bytes.subarray(0, -2), ...lines, 0xff, 0xd9]);
    expect(declaredSize(file)).toEqual({ width: 40, height: 24 });
    expect(declaredSize(bytes)).toEqual({ width: 40, height: 40 });
  });

  it('is none of what has no pixels', () => {
    const png = files.get('photo.png')!.slice();
    png.fill(0, 16, 24);
    expect(declaredSize(png)).toBeUndefined();
  });
});

it('whatever a header says, a price is a number', () => {
  const price = createPrice(catalogue, defaultSettings);
  const region = { left: -5, top: 0, right: 5, bottom: 5 };
  const damage = fc.array(fc.tuple(fc.nat(300), fc.nat(8), fc.constantFrom(0, 1, 127, 255)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.nat(), damage, (which, changes) => {
      const bytes = [...files.values()][which % files.size]!.slice(0, 4_096);
      for (const [at, length, value] of changes) bytes.fill(value, at, at + length);
      const told = price(bytes, [{}, { region }, { detector: 'none' }]);
      expect(told).toBeGreaterThan(0);
      expect(told).toBeLessThan(Number.POSITIVE_INFINITY);
    }),
    { numRuns: 2_000 },
  );
});
