import type { Command } from 'commander';
import { environmentSettings } from '../config/environment.ts';
import { fileText } from '../config/file-text.ts';
import { ConfigError, type LoadedConfig, loadConfig } from '../config/load.ts';
import { messageOf } from '../errors.ts';
import type { Host } from './host.ts';
import { parseSetting } from './settings-flag.ts';

/** Where the vendor's package keeps its configuration; read when it is there. */
const usualConfig = '/etc/findface-extraction-api.ini';

export interface CommonFlags {
  readonly config?: string;
  readonly set?: Record<string, string>;
}

export function withCommonFlags(command: Command): Command {
  return command
    .option('--config <file>', `configuration (default: ${usualConfig} where there is one)`)
    .option(
      '--set <key=value>',
      'override a key of the configuration, e.g. --set fetch.enabled=false; may be given several times',
      parseSetting,
    );
}

/** @throws ConfigError with one line for the terminal. */
export async function readConfig(
  host: Host,
  flags: CommonFlags,
  overrides: Record<string, string>,
): Promise<LoadedConfig> {
  const name = flags.config ?? usualConfig;
  const bytes = await host.readFile(name).catch((error: unknown) => {
    if (flags.config === undefined) return undefined;
    throw new ConfigError(messageOf(error));
  });
  const file = bytes && { name, text: fileText(name, bytes) };
  const environment = environmentSettings((variable) => host.variable(variable));
  const loaded = loadConfig(file, { ...flags.set, ...overrides }, environment);
  for (const warning of loaded.warnings) host.stderr.write(`phiz: ${warning}\n`);
  return loaded;
}
