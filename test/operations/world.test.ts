import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postForm, responsesOf } from '../contract/client.ts';
import { faceCounts, read } from '../contract/samples.ts';
import { gauge } from './gauge.ts';
import { logSuite } from './log-suite.ts';
import { converse } from './raw-client.ts';

/** What the machine around the service does to it. The commands are those of Linux. */

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-world-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Runs phiz behind a shell's words, e.g. `ulimit -n 20; exec`; to be ended by the test. */
function start(before: string, ...args: string[]) {
  const phiz = `${process.execPath} dist/node/main.js ${args.join(' ')}`;
  const child = spawn('sh', ['-c', before.includes('@') ? before.replace('@', phiz) : `${before} ${phiz}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  child.stderr.on('data', (data) => {
    said += data;
  });
  const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  const ready = new Promise<string>((resolve, reject) => {
    const look = () => {
      const url = /listens on (http:\S+)/.exec(said)?.[1];
      if (url && said.includes('networks are loaded')) resolve(url);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    void ended.then(() => reject(new Error(`ended before it was ready:\n${said}`)));
  });
  ready.catch(() => undefined);
  return { child, ended, ready, said: () => said };
}

const serve = ['serve', '--listen', '127.0.0.1:0', '--set', 'model_instances=1'];
const health = async (url: string) => (await fetch(new URL('health', url))).status;
const lost = (url: string) => gauge(url, 'phiz_log_lines_lost_total', () => true);

describe('a log', () => {
  logSuite([process.execPath, 'dist/node/main.js']);

  it('that was closed at the start costs its lines, not the service', async () => {
    const { ready, child, ended } = start('exec 2>&-; exec', ...serve);
    const url = await ready;
    for (let i = 0; i < 20; i++) await fetch(url, { method: 'POST' });
    expect(await health(url)).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('whose reader stalls costs its lines, little memory, and no time at the end', async () => {
    // The reader is there and reads nothing.
    await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
    const stalled = start(`exec 3<>${folder}/pipe 2>&3; exec`, ...serve);
    const url = await stalled.ready;
    for (let i = 0; i < 3_000 && (await lost(url)) === 0; ) {
      // Each writes a line of 200 bytes.
      await Promise.all(Array.from({ length: 50 }, () => fetch(url, { method: 'POST' })));
      i += 50;
    }
    expect(await lost(url)).toBeGreaterThan(0);
    expect(await health(url)).toBe(200);
    const start_ = performance.now();
    stalled.child.kill('SIGTERM');
    expect(await stalled.ended).toBe(0);
    expect(performance.now() - start_).toBeLessThan(5_000);
  });

  it('whose reader has left costs its lines', async () => {
    const { ready, child, ended } = start('exec', ...serve);
    const url = await ready;
    child.stderr!.destroy();
    child.stdout!.destroy();
    for (let i = 0; i < 20; i++) await fetch(url, { method: 'POST' });
    expect(await lost(url)).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('signals', () => {
  it.each([['SIGTERM'], ['SIGINT'], ['SIGHUP']] as const)(
    '%s, and a second one: what was accepted is answered',
    async (signal) => {
      const { ready, child, ended } = start('exec', ...serve);
      const url = await ready;
      const picture = await read('sample1.jpg');
      const calls = Array.from({ length: 4 }, () =>
        postForm(url, { requests: [{ image: 'multipart:a' }] }, { a: picture }),
      );
      await gauge(url, 'phiz_calls_in_progress', (count) => count === 4);
      child.kill(signal);
      child.kill(signal);
      for (const call of calls) {
        const [answer] = await responsesOf(await call);
        expect(answer!.faces).toHaveLength(faceCounts['sample1.jpg']);
        child.kill('SIGTERM');
      }
      expect(await ended).toBe(0);
    },
  );
});

describe('a start', () => {
  /** The code of a start that fails, and the lines it said. */
  async function failure(before: string, ...args: string[]) {
    const { ended, said } = start(before, ...args);
    const code = await ended;
    return { code, lines: said().trim().split('\n') };
  }

  it.each([
    ['few files', 'ulimit -n 20; exec', /^phiz: 20 open files are too few/],
    ['few addresses', `ulimit -v ${12 * 2 ** 20}; exec`, /^phiz: 12 GB of address space are too few/],
  ])('with too %s ends in one line', async (_, before, line) => {
    const { code, lines } = await failure(before, ...serve);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(line)]);
  });

  it('without a home, as a user whom the system does not know, is one', async () => {
    for (const environment of ['', 'XDG_CACHE_HOME=/var/cache']) {
      const { ready, child, ended } = start(
        `exec setpriv --reuid=54321 --regid=54321 --clear-groups env -i ${environment} @`,
        ...serve,
      );
      expect(await health(await ready)).toBe(200);
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }
  });

  it('on a port that is in use ends with what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, lines } = await failure('exec', 'serve', '--listen', `127.0.0.1:${port}`);
    other.close();
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(
      new RegExp(`^phiz: cannot listen on 127.0.0.1:${port}: it is in use.*sport = :${port}.*--listen`),
    );
  });

  it('on a path in a folder that is not there ends with that', async () => {
    const path = join(folder, 'none/phiz.sock');
    const { code, lines } = await failure('exec', 'serve', '--listen', `unix:${path}`);
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe(`phiz: cannot listen on unix:${path}: there is no such folder`);
  });

  it('with a wrong configuration ends with a code of its own, which systemd does not start again', async () => {
    await writeFile(join(folder, 'phiz.ini'), 'listen: 80\n');
    const { code, lines } = await failure('exec', 'serve', '--config', join(folder, 'phiz.ini'));
    expect([code, lines.length]).toEqual([2, 1]);
    expect(lines[0]).toMatch(/phiz\.ini:1: listen: expected/);
  });

  it.each(["'*:0'", "'[::1]:0'", ':0'])('listens on %s, in the file and as a flag', async (address) => {
    await writeFile(join(folder, 'phiz.ini'), `listen: ${address}\nmodel_instances: 1\n`);
    const flagged = start('exec', 'serve', '--listen', address, '--set', 'model_instances=1');
    const { ready, child, ended } = start('exec', 'serve', '--config', join(folder, 'phiz.ini'));
    expect(await health((await flagged.ready).replace('0.0.0.0', '127.0.0.1'))).toBe(200);
    expect(await health((await ready).replace('0.0.0.0', '127.0.0.1'))).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('listens on a socket among the files, which a process that was killed left behind', async () => {
    const path = join(folder, 'phiz.sock');
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const { child, ended, said } = start(
        'exec',
        'serve',
        '--listen',
        `unix:${path}`,
        '--set',
        'model_instances=1',
      );
      await expect.poll(said, { timeout: 20_000 }).toContain('networks are loaded');
      const { stdout } = await promisify(execFile)('curl', [
        '-s',
        '--unix-socket',
        path,
        'http://phiz/health',
      ]);
      expect(stdout).toBe('{"status":"alive"}');
      const second = await failure('exec', 'serve', '--listen', `unix:${path}`);
      expect([second.code, second.lines.at(-1)]).toEqual([1, expect.stringContaining('it is in use')]);
      child.kill(signal);
      expect(await ended).toBe(signal === 'SIGKILL' ? null : 0);
    }
  });

  it('takes the socket that systemd has opened', async () => {
    // As systemd does it: descriptor 3 is the socket, and the process is told that it is meant.
    const script = `
      const { spawn } = require('node:child_process');
      const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
        console.log('port ' + server.address().port);
        spawn('sh', ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec ${process.execPath} dist/node/main.js serve --set model_instances=1'],
          { stdio: ['ignore', 'inherit', 'inherit', server._handle.fd] }).on('exit', (code) => process.exit(code));
        server._handle.unref();
      });`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let said = '';
    child.stdout.on('data', (data) => {
      said += data;
    });
    await expect.poll(() => said, { timeout: 20_000 }).toContain('networks are loaded');
    const port = /port (\d+)/.exec(said)![1];
    expect(said).toContain(`listens on http://127.0.0.1:${port}/`);
    const { stdout } = await promisify(execFile)('pgrep', ['-P', String(child.pid)]);
    process.kill(Number(stdout), 'SIGTERM');
  });
});

it('names whose server is silent do not keep the process', async () => {
  // No network at all, and a server of names that says nothing.
  await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.0.0.53\n');
  const { ready, child, ended } = start(
    `exec unshare -m sh -c 'mount --bind ${folder}/resolv.conf /etc/resolv.conf && exec @ --set fetch.timeout=1s'`,
    ...serve,
  );
  const url = await ready;
  const requests = Array.from({ length: 40 }, (_, i) => ({ image: `http://silent${i}.example/` }));
  const body = JSON.stringify({ requests });
  const { json } = await converse(
    url,
    `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(json!.responses).toHaveLength(40);
  const start_ = performance.now();
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(performance.now() - start_).toBeLessThan(4_000);
});
