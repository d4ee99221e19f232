import { ConfigError } from '../config/config-error.ts';
import { settableKeys, switchKeys } from '../config/environment.ts';
import { nearest } from '../config/nearest.ts';

/** Arguments that are for the program itself. */
const ownFlags = new Set(['-V', '--version', '--verbose', '-h', '--help']);

/** `fetch.size_limit` is the flag `fetch-size-limit`. */
const flagOf = (key: string) => key.replaceAll(/[._]/g, '-');
const keyOf = new Map(settableKeys.map((key) => [flagOf(key), key]));

/**
 * The vendor's command line in the words of ours: `-config FILE -listen :18666`, with one dash or two,
 * with `=` or a space, and no command, which is `serve` then. Other arguments come back as they are.
 *
 * @param commands the names of ours, before which flags may stand too
 * @throws ConfigError where a flag is not known
 */
export function vendorArguments(args: readonly string[], commands: ReadonlySet<string>): string[] {
  if (!args[0]?.startsWith('-') || ownFlags.has(args[0])) return [...args];
  const flags: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (commands.has(arg)) return [arg, ...flags, ...args.slice(at + 1)];
    const [, name, inline] = /^--?([a-z][\w.-]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined) {
      throw new ConfigError(`expected a command or a flag, got ${JSON.stringify(arg)}; see phiz --help`);
    }
    if (name === 'help' || name === 'version') return [`--${name}`];
    if (name === 'config-template') return ['config-template'];
    const value = (ofSwitch = false): string => {
      if (inline !== undefined) return inline;
      const next = args[at + 1];
      if (ofSwitch && !/^(true|false)$/.test(next ?? '')) return 'true';
      if (next === undefined) throw new ConfigError(`-${name} needs a value; see phiz --help`);
      at++;
      return next;
    };
    if (name === 'config') flags.push('--config', value());
    else if (name === 'set') flags.push(`--set=${value()}`);
    else {
      const key = keyOf.get(flagOf(name));
      if (key === undefined) {
        const near = nearest(flagOf(name), ['config', 'config-template', ...keyOf.keys()]);
        throw new ConfigError(
          `there is no flag -${name}${near ? `, did you mean -${near}?` : ''}; see phiz --help`,
        );
      }
      flags.push(`--set=${key}=${value(switchKeys.has(key))}`);
    }
  }
  return ['serve', ...flags];
}
