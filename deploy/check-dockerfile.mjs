// Checks the Dockerfile: its syntax, that it does not run as root, and, since there may be no Docker
// here, the image's own content: what it copies out of the built product is copied to a folder, and
// its command and its health check are run there, as its user where this process may.
import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = await readFile(new URL('Dockerfile', import.meta.url), 'utf8');

const problems = validate(text);
if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));

const instructions = DockerfileParser.parse(text).getInstructions();
const lastFrom = instructions.findLastIndex((each) => each.getKeyword() === 'FROM');
const stage = instructions.slice(lastFrom + 1);
const all = (keyword) => stage.filter((each) => each.getKeyword() === keyword);
const [only, ...more] = all('USER');
const [uid, gid] = only?.getArgumentsContent()?.split(':').map(Number) ?? [];
if (more.length > 0 || !(uid > 0) || !(gid > 0)) throw new Error('expected one USER that is not root');

const image = await mkdtemp(join(tmpdir(), 'phiz-image-'));
const asUser = process.getuid?.() === 0 ? { uid, gid } : {};
try {
  execFileSync('chmod', ['755', image]);
  for (const copy of all('COPY')) {
    const [source, target] = copy.getArguments().map((argument) => argument.getValue());
    const from = join(root, source.replace(/^\/build\//, ''));
    await cp(from, join(image, target === '.' ? basename(source) : target), { recursive: true });
  }
  const json = (keyword) => JSON.parse(all(keyword)[0].getArgumentsContent());
  const port = await freePort();
  const local = (argument) => argument.replace(/(0\.0\.0\.0|127\.0\.0\.1):18666/, `127.0.0.1:${port}`);
  const [program, ...args] = [...json('ENTRYPOINT'), ...json('CMD').map(local)];
  const service = spawn(program, args, {
    cwd: image,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...asUser,
  });
  const ended = new Promise((resolve) => void service.once('close', resolve));
  await new Promise((resolve, reject) => {
    let output = '';
    service.stdout.on('data', (data) => {
      output += data;
      if (output.includes('networks are loaded')) resolve();
    });
    void ended.then(() => reject(new Error(`the service ended:\n${output}`)));
  });
  const health = all('HEALTHCHECK')[0].getArgumentsContent();
  const [probe, ...probeArgs] = JSON.parse(health.slice(health.indexOf('['))).map(local);
  execFileSync(probe, probeArgs, { cwd: image, ...asUser });
  service.kill(all('STOPSIGNAL')[0].getArgumentsContent());
  if ((await ended) !== 0) throw new Error('the service did not end with 0');
  console.log(
    'Dockerfile is valid; what it copies loads its networks, answers its health check and ends with 0',
  );
} finally {
  await rm(image, { recursive: true });
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
