import { describe, expect, it } from 'vitest';
import { attributeNames } from '../../src/face/face.ts';
import { checkOptions } from '../../src/pipeline/check-options.ts';
import type { ExtractOptions } from '../../src/pipeline/extraction.ts';

describe('options of the library', () => {
  it('may be all that there are', () => {
    checkOptions({});
    checkOptions({
      detector: 'light',
      attributes: attributeNames,
      order: 'size',
      chips: 'png',
      region: { left: 0, top: 0, right: 1, bottom: 1 },
      autoRotate: false,
      maxFaces: 1,
      minSize: 2,
      minConfidence: 0.5,
    });
  });

  it.each([
    [
      { attributes: ['facen'] },
      'attributes: expected a list of embedding, gender, age, emotions, chip, landmarks',
    ],
    [{ attributes: ['age', 'Age'] }, 'quality, got "Age"'],
    [{ attributes: 'age' }, 'attributes: expected a list of embedding'],
    [{ maxFaces: -1 }, 'maxFaces: expected a whole number of at least 1, got -1'],
    [{ maxFaces: Number.NaN }, 'got NaN'],
    [{ maxFaces: null }, 'got null'],
    [{ minSize: '40' }, 'minSize: expected a number of at least 0, got "40"'],
    [{ minConfidence: 50 }, 'minConfidence: expected a number from 0 to 1, got 50'],
    [{ autoRotate: 'no' }, 'autoRotate: expected true or false'],
    [{ region: { left: 0, top: 0, right: 1 } }, 'region: expected numbers left, top, right and bottom'],
    [{ region: null }, 'got null'],
    [null, 'options: expected an object, got null'],
    [[], 'options: expected an object, got []'],
    [{ detector: 'nnd' }, 'detector: expected primary, light, none, got "nnd"'],
    [{ order: 'age' }, 'order: expected confidence, size'],
    [{ attribute: ['age'] }, 'options: expected detector, attributes'],
    [{ need_facen: true }, 'got "need_facen"'],
  ])('are not %j, which is told with what is known', (options, message) => {
    const check = () => checkOptions(options as ExtractOptions);
    expect(check).toThrow(TypeError);
    expect(check).toThrow(message);
  });
});
