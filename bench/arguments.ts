import { InvalidArgumentError } from 'commander';

/** A number above 0 from the command line. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('expected a number above 0');
  return value;
}

/** A whole number above 0 from the command line. */
export function wholeAboveZero(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('expected a whole number above 0');
  }
  return value;
}
