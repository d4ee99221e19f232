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
    [{ attributes: ['facen'] }, 'attributes: expected embedding, gender, age, emotions, chip, landmarks'],
    [{ attributes: ['age', 'Age'] }, 'got "Age"'],
    [{ attributes: 'age' }, 'attributes: expected a list of embedding'],
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
