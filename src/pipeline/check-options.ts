import { attributeNames } from '../face/face.ts';
import { type DetectorChoice, type ExtractOptions, facesOrders } from './extraction.ts';

/** Every option; the compiler sees to it that none is left out. */
const known: Readonly<Record<keyof ExtractOptions, readonly string[] | undefined>> = {
  detector: ['primary', 'light', 'none'] satisfies DetectorChoice[],
  attributes: attributeNames,
  order: facesOrders,
  chips: ['pixels', 'png', 'base64', 'base64-bytes'],
  region: undefined,
  autoRotate: undefined,
  maxFaces: undefined,
  minSize: undefined,
  minConfidence: undefined,
};

/**
 * Sees to it that nothing that was asked for is left out unnoticed: programs in JavaScript have no types.
 *
 * @throws TypeError that names what is known
 */
export function checkOptions(options: ExtractOptions): void {
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, option)) {
      throw new TypeError(
        `options: expected ${Object.keys(known).join(', ')}, got ${JSON.stringify(option)}`,
      );
    }
    const names = known[option as keyof ExtractOptions];
    if (!names || value === undefined) continue;
    if (option === 'attributes' && !Array.isArray(value)) {
      throw new TypeError(`attributes: expected a list of ${names.join(', ')}`);
    }
    const unknown = [value].flat().find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new TypeError(`${option}: expected ${names.join(', ')}, got ${JSON.stringify(unknown)}`);
    }
  }
}
