import type { Command } from 'commander';

/** Facts of a manual page besides the commands. */
export interface ManualFacts {
  readonly version: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
}

/** The manual page of a program, section 1, in the macros of man(7), from the program's own description. */
export function manualPage(program: Command, { version, date }: ManualFacts): string {
  const name = program.name();
  const help = program.createHelp();
  const sections: string[] = [
    `.TH ${name.toUpperCase()} 1 "${date}" "${name} ${version}" "User commands"`,
    '.SH NAME',
    `${name} \\- find faces in pictures and describe them`,
    '.SH SYNOPSIS',
    `.B ${name}\n${text(program.usage())}`,
    '.SH DESCRIPTION',
    text(program.description()),
    '.SH OPTIONS',
    ...optionsOf(program),
    '.SH COMMANDS',
    ...commandsIn(program, [name]),
    '.SH FILES',
    '.TP\n.I /etc/findface\\-extraction\\-api.ini\nthe configuration, in YAML; read where it is there',
    '.TP\n.I $XDG_CACHE_HOME/phiz/models\nnetworks that were pulled',
    '.SH EXIT STATUS',
    '.TP\n.B 0\nall went well',
    '.TP\n.B 1\nsome pictures failed, or the program did',
    '.TP\n.B 2\nthe configuration is wrong: one line says where',
    '.SH SIGNALS',
    'On SIGTERM and SIGINT the service takes no more calls, answers those that it has accepted, and ends.',
  ];
  return `${sections.join('\n')}\n`;

  function commandsIn(parent: Command, words: readonly string[]): string[] {
    return help.visibleCommands(parent).flatMap((command) => {
      if (command.name() === 'help') return [];
      const path = [...words, command.name()];
      const below = commandsIn(command, path);
      if (below.length > 0) return below;
      const described = help
        .visibleArguments(command)
        .map((argument) => `.TP\n.I ${text(argument.name())}\n${text(help.argumentDescription(argument))}`);
      return [
        `.SS ${text(path.slice(1).join(' '))}`,
        `.B ${text(path.join(' '))}\n${text(command.usage())}`,
        `.PP\n${text(command.description())}`,
        ...described,
        ...optionsOf(command),
      ];
    });
  }

  function optionsOf(command: Command): string[] {
    return help
      .visibleOptions(command)
      .map((option) => `.TP\n.B ${text(help.optionTerm(option))}\n${text(help.optionDescription(option))}`);
  }
}

/** Text as roff reads it: hyphens that can be copied, and no line that begins like a request. */
function text(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');
}
