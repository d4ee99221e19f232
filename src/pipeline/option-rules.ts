import { isRecord } from '../is-record.ts';

/** What a value has to be; `expected` says it, as words after "expected". */
export interface Rule {
  readonly expected: string;
  fits(value: unknown): boolean;
  /** What of a value does not fit; absent: all of it. */
  wrongOf?(value: unknown): unknown;
}

/** A rule for every option; the compiler sees to it that none is left out. */
export type Rules<Options> = { readonly [option in keyof Required<Options>]: Rule };

/**
 * Sees to it that nothing that was asked for is left out unnoticed: programs in JavaScript have no types.
 *
 * @throws TypeError that names what is known, or what was expected
 */
export function checkAgainst<Options>(rules: Rules<Options>, options: Options): void {
  if (!object.fits(options)) throw unlike('options', object, options);
  for (const [option, value] of Object.entries(options as object)) {
    if (!Object.hasOwn(rules, option)) {
      throw new TypeError(
        `options: expected ${Object.keys(rules).join(', ')}, got ${JSON.stringify(option)}`,
      );
    }
    const rule = rules[option as keyof Options];
    if (value !== undefined && !rule.fits(value)) throw unlike(option, rule, value);
  }
}

const unlike = (option: string, { expected, wrongOf = (all) => all }: Rule, value: unknown): TypeError =>
  new TypeError(`${option}: expected ${expected}, got ${inWords(wrongOf(value))}`);

/** A value as a person would write it. JSON knows neither functions nor numbers that are none. */
const inWords = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);

export const object: Rule = { expected: 'an object', fits: isRecord };

export const list: Rule = { expected: 'a list', fits: Array.isArray };

export const flag: Rule = { expected: 'true or false', fits: (value) => typeof value === 'boolean' };

export const listener: Rule = { expected: 'a function', fits: (value) => typeof value === 'function' };

export const oneOf = (names: readonly string[]): Rule => ({
  expected: names.join(', '),
  fits: (value) => names.includes(value as string),
});

export const listOf = (names: readonly string[]): Rule => ({
  expected: `a list of ${names.join(', ')}`,
  fits: (value) => Array.isArray(value) && value.every((name) => names.includes(name)),
  wrongOf: (value) => (Array.isArray(value) ? value.find((name) => !names.includes(name)) : value),
});

export const wholeNumber = (least: number): Rule => ({
  expected: `a whole number of at least ${least}`,
  fits: (value) => Number.isSafeInteger(value) && (value as number) >= least,
});

/** @param most may be infinite */
export const numberFrom = (least: number, most = Number.POSITIVE_INFINITY): Rule => ({
  expected:
    most < Number.POSITIVE_INFINITY ? `a number from ${least} to ${most}` : `a number of at least ${least}`,
  fits: (value) => typeof value === 'number' && value >= least && value <= most,
});
