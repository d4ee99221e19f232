import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveFolder } from './serve.ts';
import { stageDemo } from './stage.ts';

const help = `Usage: npm run demo -- [options]

Puts the page into dist/demo, as static files for any host, and serves them on this machine.

Options:
  --port <number>  default 8080; 0 takes any free one
  --plain          send no headers, as many hosts do: the page is not isolated and has one thread
  --stage-only     only write the files
  --help           show this
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    plain: { type: 'boolean', default: false },
    'stage-only': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(help);
} else {
  const folder = 'dist/demo';
  await stageDemo('dist/assets', folder);
  process.stdout.write(`The page is in ${join(process.cwd(), folder)}\n`);
  if (!values['stage-only']) {
    const address = { host: '127.0.0.1', port: Number(values.port) };
    const { url } = await serveFolder(folder, address, !values.plain);
    process.stdout.write(`Serving it on ${url}\n`);
  }
}
