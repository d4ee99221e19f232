import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCall } from '../../src/server/request-schema.ts';

const limit = 256;
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const request = fc.record(
  {
    image: fc.string(),
    roi: fc.record({ left: number, top: number, right: number, bottom: number }),
    detector: fc.constantFrom('nnd', 'legacy', 'prenormalized'),
    need_facen: fc.boolean(),
    need_age: fc.boolean(),
    auto_rotate: fc.boolean(),
  },
  { requiredKeys: ['image'] },
);
const call = fc.record(
  { requests: fc.array(request, { maxLength: 8 }), include_timings: fc.boolean() },
  { requiredKeys: ['requests'] },
);

describe('the schema of a call', () => {
  it('takes every well-formed call and keeps what it says', () => {
    fc.assert(fc.property(call, (value) => void expect(parseCall(value, limit)).toMatchObject(value)));
  });

  it('ignores keys that it does not know, wherever they stand', () => {
    fc.assert(
      fc.property(call, fc.jsonValue(), (value, extra) => {
        const extended = {
          ...value,
          x: extra,
          requests: value.requests.map((each) => ({ ...each, x: extra })),
        };
        expect(parseCall(extended, limit)).toEqual(parseCall(value, limit));
      }),
    );
  });

  it('names the path of a known key with a wrong type', () => {
    const wrongFor: Record<string, fc.Arbitrary<unknown>> = {
      image: fc.oneof(fc.integer(), fc.constant(null), fc.boolean()),
      roi: fc.oneof(fc.integer(), fc.constant(null), fc.string()),
      detector: fc.oneof(fc.integer(), fc.constant('NND')),
      need_facen: fc.oneof(fc.integer(), fc.constant('true'), fc.constant(null)),
      auto_rotate: fc.oneof(fc.integer(), fc.constant('')),
    };
    const mistake = fc
      .constantFrom(...Object.keys(wrongFor))
      .chain((key) => wrongFor[key]!.map((value) => ({ key, value })));
    fc.assert(
      fc.property(fc.array(request, { minLength: 1 }), fc.nat(), mistake, (requests, at, { key, value }) => {
        const index = at % requests.length;
        const broken = requests.map((each, i) => (i === index ? { ...each, [key]: value } : each));
        expect(() => parseCall({ requests: broken }, limit)).toThrow(`requests[${index}].${key}: expected `);
      }),
    );
  });

  it('answers any JSON with a call or BAD_REQUEST', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ requests: fc.jsonValue() })), (value) => {
        try {
          parseCall(value, limit);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('expected ') });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
