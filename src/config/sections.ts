import type { Path } from './known-keys.ts';

/** Values by keys, of which some are sections: values by keys again. */
export type Sections = Record<string, unknown>;

export function isSection(value: unknown): value is Sections {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined where there is none. */
export function getIn(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return getIn((value as Sections)[key], rest);
}

/** Removes a value, and the sections above it that are empty then. */
export function remove(values: Sections, [key, ...rest]: Path): void {
  const inner = values[key!];
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
    values[key!] = value;
    return;
  }
  const inner = values[key!];
  if (typeof inner !== 'object' || inner === null) values[key!] = {};
  setIn(values[key!] as Sections, rest, value);
}

/** Sections are put together; of all else the latter holds. */
export function merged(under: Sections, over: Sections): Sections {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isSection(below) && isSection(value) ? merged(below, value) : value;
  }
  return result;
}
