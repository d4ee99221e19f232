import type * as v from 'valibot';

/** A schema with names in it: what is known, and what of a value is not. */

/** Where something stands in a value: keys of objects and indexes of lists. */
export type Path = readonly (string | number)[];

/** The schemas that a value of this one is checked by: several of a union, one of what is wrapped. */
function alternatives(schema: v.GenericSchema): v.GenericSchema[] {
  if ('wrapped' in schema) return alternatives(schema.wrapped as v.GenericSchema);
  if ('options' in schema && schema.type === 'union') {
    return (schema.options as v.GenericSchema[]).flatMap(alternatives);
  }
  return [schema];
}

/** The schema of the entries of a list. */
function itemOf(schema: v.GenericSchema): v.GenericSchema | undefined {
  const list = alternatives(schema).find((each) => 'item' in each);
  return (list as { item: v.GenericSchema } | undefined)?.item;
}

/** The entries of an object schema, however it is wrapped. */
export function entriesOf(schema: v.GenericSchema): Record<string, v.GenericSchema> | undefined {
  const object = alternatives(schema).find((each) => 'entries' in each);
  return (object as { entries: Record<string, v.GenericSchema> } | undefined)?.entries;
}

/** Every dotted key that a schema knows, each object before its entries; those of lists have no index. */
export function keysOf(schema: v.GenericSchema, prefix = ''): string[] {
  return Object.entries(entriesOf(schema) ?? {}).flatMap(([key, inner]) => [
    prefix + key,
    ...keysOf(itemOf(inner) ?? inner, `${prefix}${key}.`),
  ]);
}

/** The schema of a key, however it is wrapped. */
export function schemaAt(schema: v.GenericSchema, [key, ...rest]: Path): v.GenericSchema | undefined {
  if (key === undefined) return alternatives(schema)[0];
  const entries = entriesOf(schema);
  return entries && Object.hasOwn(entries, key) ? schemaAt(entries[key]!, rest) : undefined;
}

/** Where a value has keys that its schema does not know, in their order. */
export function* unknownKeys(value: unknown, schema: v.GenericSchema, path: Path = []): Generator<Path> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const item = itemOf(schema);
    if (item) for (const [index, each] of value.entries()) yield* unknownKeys(each, item, [...path, index]);
    return;
  }
  const entries = entriesOf(schema);
  if (!entries) return;
  for (const [key, inner] of Object.entries(value)) {
    if (Object.hasOwn(entries, key)) yield* unknownKeys(inner, entries[key]!, [...path, key]);
    else yield [...path, key];
  }
}

/** A value without the keys whose value is null: they are as good as left out. */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const given = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(given.map(([key, inner]) => [key, withoutNulls(inner)]));
}
