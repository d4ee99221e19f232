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
    fc.assert(fc.property(call, (value) => void expect(parseCall(value, limit).call).toMatchObject(value)));
  });

  it('ignores keys that it does not know, wherever they stand', () => {
    fc.assert(
      fc.property(call, fc.jsonValue(), (value, extra) => {
        const extended = {
          ...value,
          x: extra,
          requests: value.requests.map((each) => ({ ...each, x: extra })),
        };
        const { call: taken, warnings } = parseCall(extended, limit);
        expect(taken).toEqual(parseCall(value, limit).call);
        const unknown = ['x', ...value.requests.map((_, index) => `requests[${index}].x`)];
        // A null is as good as nothing.
        expect(warnings.toSorted()).toEqual(
          extra === null ? [] : unknown.map((path) => `${path}: unknown`).toSorted(),
        );
      }),
    );
  });

  it('takes null for a key that was left out, wherever it may be', () => {
    const keys = [
      'roi',
      'detector',
      'attributes',
      'need_age',
      'auto_rotate',
      'order',
      'max_faces',
      'unknown',
    ];
    const nulls = fc.subarray(keys).map((some) => Object.fromEntries(some.map((key) => [key, null])));
    fc.assert(
      fc.property(call, nulls, (value, none) => {
        const { requests, ...rest } = value;
        const given = {
          requests: requests.map((each) => ({ ...none, ...each })),
          response_format: null,
          ...rest,
        };
        expect(parseCall(given, limit)).toEqual(parseCall(value, limit));
      }),
    );
  });

  it('names the path of a known key with a wrong type', () => {
    const wrongFor: Record<string, fc.Arbitrary<unknown>> = {
      image: fc.oneof(fc.integer(), fc.constant(null), fc.boolean()),
      roi: fc.oneof(fc.integer(), fc.boolean(), fc.string()),
      detector: fc.oneof(fc.integer(), fc.constant(['nnd'])),
      need_facen: fc.oneof(fc.integer(), fc.constant('true'), fc.constant([])),
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

  it.each([
    [{ need_facens: true }, ['requests[0].need_facens: unknown, did you mean need_facen?']],
    [{ need_embedding: true }, ['requests[0].need_embedding: unknown']],
    [{ need_eye: true }, ['requests[0].need_eye: unknown']],
    [{ atributes: ['age'] }, ['requests[0].atributes: unknown, did you mean attributes?']],
    [{ include_timing: true }, ['requests[0].include_timing: unknown, did you mean include_timings?']],
    [
      { roi: { left: 0, top: 0, right: 1, bottom: 1, botom: 1 } },
      ['requests[0].roi.botom: unknown, did you mean bottom?'],
    ],
    [
      { attributes: ['FACE_AGE', 'Beard'], NEED_AGE: true },
      [
        'requests[0].NEED_AGE: unknown, did you mean need_age?',
        'requests[0].attributes[0]: FACE_AGE: unknown, did you mean face_age?',
        'requests[0].attributes[1]: Beard: unknown',
      ],
    ],
    [
      { attributes: ['face_agee', 'beard', 'face_liveness', 'body_emben', 'x', 'age'] },
      [
        'requests[0].attributes[0]: face_agee: unknown, did you mean face_age?',
        'requests[0].attributes[1]: beard: phiz has no network for it',
        'requests[0].attributes[2]: face_liveness: phiz has no network for it',
        'requests[0].attributes[3]: body_emben: phiz has no network for it',
        'requests[0].attributes[4]: x: unknown',
      ],
    ],
  ])('warns of what nothing is made of in %j', (extra, warnings) => {
    expect(parseCall({ requests: [{ image: 'a', ...extra }] }, limit).warnings).toEqual(warnings);
  });

  it('warns at most 16 times, and briefly', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`${'k'.repeat(5_000)}${i}`, 1]));
    const { warnings } = parseCall({ requests: [{ image: 'a', ...many }] }, limit);
    expect(warnings).toHaveLength(16);
    expect(warnings.join('').length).toBeLessThan(2_000);
  });

  it.each([
    ['0,0,1000,1000', { left: 0, top: 0, right: 1000, bottom: 1000 }],
    [' -2975, -635.5 ,4060,.5', { left: -2975, top: -635.5, right: 4060, bottom: 0.5 }],
  ])('reads the region %j', (roi, box) => {
    expect(parseCall({ requests: [{ image: 'a', roi }] }, limit).call.requests[0]!.roi).toEqual(box);
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
