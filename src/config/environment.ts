import { keysOf, schemaAt } from './known-keys.ts';
import { type Overrides, variableOf } from './load.ts';
import { configSchema } from './schema.ts';
import { movedKeys, vendorKeys } from './vendor.ts';

/** Every dotted key that may be set outside of a file, ours first. */
export const settableKeys: readonly string[] = [
  ...new Set([...keysOf(configSchema), ...vendorKeys.filter((key) => !key.includes('*'))]),
];

const isSwitch = (key: string) => schemaAt(configSchema, key.split('.'))?.type === 'boolean';

/** Those that are true or false. */
export const switchKeys: ReadonlySet<string> = new Set([
  ...settableKeys.filter(isSwitch),
  ...movedKeys.filter(({ to }) => isSwitch(to)).flatMap(({ from }) => from),
  'debug',
]);

/** The configuration's keys that the environment sets: `CFG_LISTEN`, `CFG_FETCH_TIMEOUT`, … */
export function environmentSettings(variable: (name: string) => string | undefined): Overrides {
  const set = settableKeys.map((key) => [key, variable(variableOf(key))] as const);
  return Object.fromEntries(set.filter((each): each is [string, string] => each[1] !== undefined));
}
