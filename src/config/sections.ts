import { isRecord } from '../is-record.ts';
import type { Path } from './known-keys.ts';

/** Values by keys, of which some are sections: values by keys again. */
export type Sections = Record<string, unknown>;

export const isSection: (value: unknown) => value is Sections = isRecord;

/** The value of a key: nothing that all objects have, such as `constructor`. */
const ownValue = (values: object, key: string | number): unknown =>
  Object.hasOwn(values, key) ? (values as Sections)[key] : undefined;

/** Gives a key a value, whatever its name: an assignment to `__proto__` makes no key. */
function define(values: Sections, key: string | number, value: unknown): void {
  Object.defineProperty(values, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The value at a path; undefined where there is none. */
export function getIn(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  return getIn(ownValue(value, key), rest);
}

/** Removes a value, and the sections above it that are empty then. */
export function remove(values: Sections, [key, ...rest]: Path): void {
  const inner = ownValue(values, key!);
  if (rest.length > 0) {
    if (typeof inner !== 'object' || inner === null) return;
    remove(inner as Sections, rest);
    if (Object.keys(inner).length > 0) return;
  }
  delete values[key!];
}

/** Sets a value, and makes the sections above it. */
export function setIn(values: Sections, [key, ...rest]: Path, value: unknown): void {
  if (rest.length === 0) {
    define(values, key!, value);
    return;
  }
  const inner = ownValue(values, key!);
  const section = typeof inner === 'object' && inner !== null ? (inner as Sections) : {};
  define(values, key!, section);
  setIn(section, rest, value);
}

/** Sections are put together; of all else the latter holds. */
export function merged(under: Sections, over: Sections): Sections {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = ownValue(result, key);
    define(result, key, isSection(below) && isSection(value) ? merged(below, value) : value);
  }
  return result;
}
