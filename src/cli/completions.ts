import type { Command, Option } from 'commander';

/** Shells that a script of completions can be written for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A command by the words that lead to it, such as `['models', 'pull']`; none for the program itself. */
interface Place {
  readonly words: readonly string[];
  readonly command: Command;
}

/**
 * A script that teaches a shell every command, option and choice of a program. What takes a file, or
 * anything that is not a choice, is completed by names of files.
 */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesIn(program, []);
  if (shell === 'fish') return fishScript(program.name(), places);
  const script = bashScript(program.name(), places);
  if (shell === 'bash') return script;
  const name = program.name();
  return `#compdef ${name}
autoload -U +X bashcompinit && bashcompinit
${script}# zsh reads this file when it is first asked to complete: that question is answered too.
(( $+compstate )) && _bash_complete -o default -F _${name}
`;
}

function placesIn(command: Command, words: readonly string[]): Place[] {
  const below = subcommands(command).flatMap((each) => placesIn(each, [...words, each.name()]));
  return [{ words, command }, ...below];
}

function subcommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function options(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].flatMap((flag) => (flag ? [flag] : []));
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** The words known so far lead to a command; what may follow is looked up by it, or by the flag before the cursor. */
function bashScript(name: string, places: readonly Place[]): string {
  const path = (words: readonly string[]) => ['', ...words].join(' ');
  const known = places.filter(({ words }) => words.length > 0).map(({ words }) => `"${path(words)}"`);
  const values: string[] = [];
  const follow: string[] = [];
  for (const { words, command } of places) {
    for (const option of options(command)) {
      if (!takesValue(option)) continue;
      const flags = flagsOf(option).map((flag) => `"${path(words)} ${flag}"`);
      values.push(`    ${flags.join('|')}) words="${(option.argChoices ?? []).join(' ')}" ;;`);
    }
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    const names = subcommands(command).map((each) => each.name());
    const flags = options(command).flatMap(flagsOf);
    follow.push(
      `      "${path(words)}") case "$current" in -*) words="${flags.join(' ')}" ;; *) words="${[...names, ...choices].join(' ')}" ;; esac ;;`,
    );
  }
  return `_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in ${known.join('|')}) path="$path $word" ;; esac
  done
  case "$path $previous" in
${values.join('\n')}
    *) case "$path" in
${follow.join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
# Where nothing is known to follow: names of files.
complete -o default -F _${name} ${name}
`;
}

function fishScript(name: string, places: readonly Place[]): string {
  const lines: string[] = [];
  for (const { words, command } of places) {
    const names = subcommands(command).map((each) => each.name());
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const here = names.length > 0 ? [...seen, `not __fish_seen_subcommand_from ${names.join(' ')}`] : seen;
    const condition = here.length > 0 ? ` -n '${here.join('; and ')}'` : '';
    const add = (rest: string, description: string) =>
      lines.push(`complete -c ${name}${condition} ${rest} -d '${description.replaceAll("'", "\\'")}'`);
    for (const each of subcommands(command)) add(`-f -a ${each.name()}`, each.description());
    for (const argument of command.registeredArguments)
      if (argument.argChoices) add(`-f -a '${argument.argChoices.join(' ')}'`, argument.description);
    for (const option of options(command)) {
      const flags = [
        option.short && `-s ${option.short.slice(1)}`,
        option.long && `-l ${option.long.slice(2)}`,
      ];
      const value = option.argChoices
        ? ` -x -a '${option.argChoices.join(' ')}'`
        : takesValue(option)
          ? ' -r'
          : '';
      add(`${flags.filter(Boolean).join(' ')}${value}`, option.description);
    }
  }
  return `${lines.join('\n')}\n`;
}
