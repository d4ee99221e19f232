import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { manualPage } from '../../build/manual-page.ts';
import { nodeHost } from '../../runtimes/node/host.ts';
import { connectNats } from '../../runtimes/node-api/nats.ts';
import { completionScript, shells } from '../../src/cli/completions.ts';
import { createProgram } from '../../src/cli/program.ts';

const program = createProgram(nodeHost, connectNats);

/** What bash offers after these words, the last of which is being typed. */
function offered(...words: string[]): string[] {
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=(phiz "$@") COMP_CWORD=$#
_phiz
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const names = (command: Command) =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((each) => each.name());

describe('completions', () => {
  it('know every command', () => {
    expect(offered('')).toEqual(names(program));
    expect(offered('models', '')).toEqual(names(program.commands.find((each) => each.name() === 'models')!));
  });
  it('go on with what was begun', () => {
    expect(offered('ext')).toEqual(['extract']);
    expect(offered('extract', '--det')).toEqual(['--detector']);
  });
  it('know choices, and leave the rest to names of files', () => {
    expect(offered('extract', '--detector', 'pre')).toEqual(['prenormalized']);
    expect(offered('extract', 'photo')).toEqual([]);
    expect(offered('serve', '--config', '')).toEqual([]);
  });
  it.each(shells)('for %s name every option', (shell) => {
    const script = completionScript(program, shell);
    for (const command of program.commands)
      for (const { long } of command.options)
        expect(script).toContain(shell === 'fish' ? `-l ${long!.slice(2)}` : long);
  });
});

it('the manual page has every command and option', () => {
  const page = manualPage(program, { version: '1.2.3', date: '2020-01-01' });
  for (const command of program.commands) {
    if (command.commands.length === 0)
      expect(page).toContain(`.SS ${command.name().replaceAll('-', '\\-')}\n`);
    for (const { long } of command.options) expect(page).toContain(long!.replaceAll('-', '\\-'));
  }
  // Formatted without a complaint where there is a formatter.
  const { error, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-z'], {
    input: page,
    encoding: 'utf8',
  });
  if (!error) expect(stderr).toBe('');
});
