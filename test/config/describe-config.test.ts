import { describe, expect, it } from 'vitest';
import { configurationPage } from '../../build/configuration-page.ts';
import { configTemplate } from '../../src/config/describe-config.ts';
import { entriesOf, keysOf } from '../../src/config/known-keys.ts';
import { defaultConfig, loadConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';

describe('the template', () => {
  it('is a file of all defaults, without a warning', () => {
    const { config, warnings } = loadConfig({ name: 'template', text: configTemplate() });
    expect(config).toEqual(defaultConfig());
    expect(warnings).toEqual([]);
  });

  it('has every key beneath what it is for', () => {
    const lines = configTemplate().split('\n');
    for (const key of keysOf(configSchema)) {
      const name = key.split('.').at(-1)!;
      const at = lines.findIndex((line) => line.trim().startsWith(`${name}:`));
      expect(lines[at - 1], key).toMatch(/^ *# .*[.\])]$/);
    }
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});

describe('docs/configuration.md', () => {
  it('has every key', () => {
    const leaves = keysOf(configSchema).filter((key) => {
      const [section, inner] = key.split('.');
      return inner !== undefined || !entriesOf(entriesOf(configSchema)![section!]!);
    });
    for (const key of leaves) expect(configurationPage()).toContain(`| \`${key}\` `);
  });
});
