import { describedSections, inYaml } from '../src/config/describe-config.ts';
import { variableOf } from '../src/config/load.ts';
import { movedKeys, unneededKeys } from '../src/config/vendor.ts';
import { markdownTable } from './markdown-table.ts';

/** The page of docs/ about the configuration. */
export function configurationPage(): string {
  const sections = describedSections().map(({ name, about = '', keys }) => {
    const head = name === undefined ? '' : `### \`${name}\`\n\n${about}\n\n`;
    const prefix = name === undefined ? '' : `${name}.`;
    const rows = keys.map(({ key, preset, about: meaning, takes }) => [
      `\`${prefix}${key}\``,
      `\`${inYaml(preset)}\``,
      meaning,
      takes,
    ]);
    return `${head}${markdownTable(['key', 'default', 'what it is for', 'takes'], rows)}`;
  });
  const moved = movedKeys.map(({ from, to, choose }) => [
    from.map((key) => `\`${key}\``).join(', '),
    `\`${to}\`${choose ? `, the ${choose}` : ''}`,
  ]);
  return `# Configuration

<!-- Written by \`npm run docs\` from src/config: change it there. -->

YAML. \`--config FILE\` names it; without that \`/etc/findface-extraction-api.ini\` is read where it exists, else the
defaults hold. A key that is left out, or has no value, keeps its default. A wrong value stops the start with one line: the
file, the line, the key, what was expected. An unknown key is a warning, with the key that was probably meant.

\`phiz config-template\` (or \`-config-template\`) prints a file with every key, commented. The environment wins over the file:
\`${variableOf('fetch.timeout')}=5s\` is \`fetch.timeout\`, and so for every key. The command line wins over both:
\`--set fetch.timeout=5s\`, or \`-fetch-timeout=5s\` where no command is named.

## Keys

${sections.join('\n\n')}

## Files of FindFace's versions

They start as they are. One line says what was taken for what, another what is not needed.

${markdownTable(['there', 'here'], moved)}

The networks that they name under \`models\` and \`extractors.models\` (\`elderberry_576\`, \`face/ifruit_320.cpu.fnk\`, also as
\`{model: …}\` and \`{default: {model: …}}\`) switch an attribute on, with phiz's default network for it; \`''\` switches it off. The
detectors under \`detectors.models\` are \`nnd\`, by their names and aliases; those of bodies and cars are not to be had.

Known and not needed: ${unneededKeys.map((key) => `\`${key}\``).join(', ')}.
`;
}
