import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeHost } from '../../runtimes/node/host.ts';
import { connectNats } from '../../runtimes/node-api/nats.ts';
import { type PullLimits, pullFile } from '../../src/cli/models/pull-file.ts';
import { runProgram } from '../../src/cli/program.ts';
import { meansNetwork, sha256 } from '../pipeline/small-networks.ts';
import { type Behaviour, serveFile } from './file-server.ts';
import { phiz as phizProcess } from './phiz.ts';

const file = randomBytes(3_000_000);
const digest = createHash('sha256').update(file).digest('hex');
const limits: PullLimits = { stall: 10_000, attempts: 3, pause: 1 };

let folder: string;
const servers: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-pull-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(folder, { recursive: true });
});

async function serve(behaviour: Partial<Behaviour>) {
  const server = await serveFile({ file, ...behaviour });
  servers.push(server);
  return server;
}

/** Pulls what a server has; answers the amounts that were told on the way. */
async function pull(
  url: string,
  { size, ...some }: Partial<PullLimits> & { size?: number } = {},
): Promise<number[]> {
  const told: number[] = [];
  const wanted = { name: 'net.onnx', sha256: digest, url, ...(size !== undefined && { size }) };
  await pullFile(nodeHost, wanted, join(folder, 'net.onnx'), (have) => told.push(have), {
    ...limits,
    ...some,
  });
  return told;
}

/**
 * Where requests went on. How much of a broken response reached the disk is not told exactly: what
 * the client had not read when the connection went is lost.
 */
const starts = (ranges: readonly (string | undefined)[]) =>
  ranges.map((range) => (range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)![1])));

/** Whether what was pulled is the file, byte for byte. */
const isWhole = async () => file.equals(await readFile(join(folder, 'net.onnx')));

describe('pulling a file', () => {
  test('brings it whole, through a redirect, and leaves nothing else', async () => {
    const { url } = await serve({});
    const told = await pull(url.replace('file.onnx', 'moved'));
    expect(await isWhole()).toBe(true);
    expect(await readdir(folder)).toEqual(['net.onnx']);
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(file.length);
  });

  test('goes on with Range where a connection broke off', async () => {
    const { url, ranges } = await serve({ breakAfter: [1_200_000, 500_000] });
    await pull(url);
    expect(await isWhole()).toBe(true);
    const [first, second, third] = starts(ranges);
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThanOrEqual(1_200_000);
    expect(third).toBeGreaterThan(second!);
    expect(third).toBeLessThanOrEqual(second! + 500_000);
  });

  test('keeps what it has when it gives up, and goes on at the next call', async () => {
    const { url, ranges } = await serve({ breakAfter: [1_000_000, 200_000, 300_000] });
    await expect(pull(url)).rejects.toThrow(/broke off .* (KiB|MiB) are kept: run the same command again/);
    expect(await readdir(folder)).toEqual(['net.onnx.part']);
    const { size: kept } = await stat(join(folder, 'net.onnx.part'));
    expect(kept).toBeGreaterThan(0);
    const told = await pull(url);
    expect(ranges.at(-1)).toBe(`bytes=${kept}-`);
    expect(told[0]).toBe(kept);
    expect(await isWhole()).toBe(true);
  });

  test('starts over with a server that knows no ranges', async () => {
    const { url, ranges } = await serve({ ranges: false, breakAfter: [2_000_000] });
    await pull(url);
    expect(ranges).toHaveLength(2);
    expect(starts(ranges)[1]).toBeGreaterThan(0);
    expect(await isWhole()).toBe(true);
  });

  test('starts over with a server that goes on at the wrong place', async () => {
    const { url, ranges } = await serve({ shift: 7, breakAfter: [2_000_000] });
    await pull(url);
    expect(ranges).toHaveLength(3);
    expect(starts(ranges)[1]).toBeGreaterThan(0);
    expect(ranges[2]).toBeUndefined();
    expect(await isWhole()).toBe(true);
  });

  test('needs no length, and takes what was complete already', async () => {
    await writeFile(join(folder, 'net.onnx.part'), file);
    const { url, ranges } = await serve({ length: false });
    await pull(url);
    expect(ranges).toEqual([`bytes=${file.length}-`]);
    expect(await isWhole()).toBe(true);
  });

  test('gives up a connection on which nothing comes, and goes on with another', async () => {
    const { url, ranges } = await serve({ stallAfter: 100_000 });
    await pull(url, { stall: 1_000 });
    expect(ranges).toHaveLength(2);
    expect(starts(ranges)[1]).toBeGreaterThan(0);
    expect(await isWhole()).toBe(true);
  });

  test('tries again where the server is busy, not where it has no such file', async () => {
    const busy = await serve({ refusals: [503, 429] });
    await pull(busy.url);
    expect(busy.ranges).toHaveLength(3);
    const none = await serve({ refusals: [404] });
    await rm(join(folder, 'net.onnx'));
    await expect(pull(none.url)).rejects.toThrow(`${none.url}: the server answered 404`);
    expect(none.ranges).toHaveLength(1);
  });

  test('refuses a file of another digest and leaves nothing of it', async () => {
    const { url } = await serve({ file: file.subarray(1) });
    await expect(pull(url)).rejects.toThrow(
      new RegExp(`is not the file that the manifest names: expected SHA-256 ${digest}, found [0-9a-f]{64}$`),
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test('a changed file under a download that goes on is refused, and the next call starts anew', async () => {
    await writeFile(join(folder, 'net.onnx.part'), randomBytes(1_000_000));
    const { url } = await serve({});
    await expect(pull(url)).rejects.toThrow('SHA-256');
    expect(await readdir(folder)).toEqual([]);
    await pull(url);
    expect(await isWhole()).toBe(true);
  });

  test.each([{ length: true }, { length: false }])('takes no more than expected: %o', async ({ length }) => {
    const { url } = await serve({ length });
    await expect(pull(url, { size: 1_500_000 })).rejects.toThrow(/more than the 1500000/);
    expect(await readdir(folder)).toEqual([]);
  });

  test('says why a server cannot be reached', async () => {
    const { url, close } = await serveFile({ file });
    await close();
    await expect(pull(url)).rejects.toThrow(/broke off \(.*ECONNREFUSED.*\)/);
  });
});

describe('phiz models pull', () => {
  async function manifest(url: string, values: object = {}): Promise<void> {
    await writeFile(
      join(folder, 'manifest.json'),
      JSON.stringify({
        id: 'my-net',
        title: 'Mine',
        licence: 'MIT',
        source: 'https://example.org',
        files: [{ name: 'net.onnx', sha256: digest, url }],
        input: { size: { width: 112, height: 112 } },
        crop: { eyeHalfDistance: 0.16, eyeHeight: 0.47 },
        decoder: 'embedding',
        dimensions: 5,
        ...values,
      }),
    );
  }

  /** The real command with a terminal of our own and a cache in a folder of its own. */
  async function phiz(...args: string[]) {
    const out: string[] = [];
    const err: string[] = [];
    let code = 0;
    await runProgram(
      {
        ...nodeHost,
        args,
        cacheFolder: join(folder, 'cache'),
        stdout: { columns: 80, write: (text) => void out.push(text) },
        stderr: { columns: 80, write: (text) => void err.push(text) },
        exit(value) {
          code = value;
        },
      },
      connectNats,
    );
    return { stdout: out.join(''), stderr: err.join(''), code };
  }

  test('draws a bar, says the licence, and does not download twice', async () => {
    const { url, ranges } = await serve({});
    await manifest(url);
    const first = await phiz('models', 'pull', folder);
    expect(first.code).toBe(0);
    expect(first.stderr).toContain('my-net: licence MIT, see https://example.org\n');
    expect(first.stderr).toContain('█ my-net 2.9 MiB of 2.9 MiB');
    expect(first.stdout).toBe(`${folder}/net.onnx: verified\n`);
    const second = await phiz('models', 'pull', folder);
    expect(second.stdout).toBe(`${folder}/net.onnx: is here already, verified\n`);
    expect(ranges).toHaveLength(1);
  });

  test.each([{ ranges: true }, { ranges: false }])(
    'two processes that pull the same file at once both have it, and nothing else is left: %o',
    async (behaviour) => {
      await writeFile(join(folder, 'net.onnx.part'), file.subarray(0, 500_000));
      const { url, ranges } = await serve({ ...behaviour, together: 2 });
      await manifest(url);
      const both = await Promise.all([1, 2].map(() => phizProcess('models', 'pull', folder)));
      for (const { code, stderr } of both) expect(code, stderr).toBe(0);
      expect(ranges.length).toBeGreaterThanOrEqual(2);
      expect(await isWhole()).toBe(true);
      expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'net.onnx']);
    },
  );

  test('asks for consent to a licence that forbids commercial use, before anything is fetched', async () => {
    const { url, ranges } = await serve({});
    await manifest(url, { nonCommercial: true, licence: 'research only' });
    const refused = await phiz('models', 'pull', folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('licence research only, NON-COMMERCIAL');
    expect(refused.stderr).toContain('say so with --accept-license');
    expect(ranges).toEqual([]);
    expect((await phiz('models', 'pull', '--accept-license', folder)).code).toBe(0);
    expect(await isWhole()).toBe(true);
  });

  test('takes a file of the disk with --from, and refuses another one', async () => {
    await manifest('http://127.0.0.1:9/never-asked');
    const from = join(folder, 'from-a-stick.bin');
    await writeFile(from, file.subarray(1));
    const refused = await phiz('models', 'pull', folder, '--from', from);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/from-a-stick\.bin is not the file .* expected SHA-256/);
    expect((await readdir(folder)).sort()).toEqual(['from-a-stick.bin', 'manifest.json']);
    await writeFile(from, file);
    expect((await phiz('models', 'pull', folder, '--from', from)).code).toBe(0);
    expect(await isWhole()).toBe(true);
  });

  test('a network of the catalogue goes to the cache, where a wrong file leaves nothing', async () => {
    const from = join(folder, 'other.onnx');
    await writeFile(from, file);
    const { stderr, code } = await phiz('models', 'pull', 'yunet-2023mar', '--from', from);
    expect(code).toBe(1);
    expect(stderr).toContain('yunet-2023mar: licence MIT');
    expect(stderr).toContain(
      'expected SHA-256 8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4',
    );
    expect(await readdir(folder)).toEqual(['other.onnx']);
  });

  test('verify says of each network whether it is the published one and runs', async () => {
    expect((await phiz('models', 'verify')).stdout).toBe('Nothing has been pulled.\n');
    const network = meansNetwork({ side: 112, outputs: { v: [[1, 2, 3]] } });
    await writeFile(join(folder, 'net.onnx'), network);
    const own = [{ name: 'net.onnx', sha256: sha256(network) }];
    await manifest('', { files: own, dimensions: 1 });
    expect(await phiz('models', 'verify', folder)).toMatchObject({ stdout: `${folder}: ok\n`, code: 0 });
    await manifest('', { files: own, dimensions: 2 });
    const misfit = await phiz('models', 'verify', folder, 'yunet-2023mar');
    expect(misfit.code).toBe(1);
    expect(misfit.stdout.split('\n')).toEqual([
      `${folder}: the manifest of my-net does not fit its file: expected one output embedding of 2 values, found v of 1`,
      'yunet-2023mar: yunet-2023mar is not on this machine yet: run "phiz models pull yunet-2023mar"',
      '',
    ]);
  });

  test('what is configured but not pulled, or unknown, stops the start with what to do', async () => {
    const photograph = 'node_modules/@vladmandic/face-api/demo/sample1.jpg';
    const missing = await phiz('extract', photograph, '--set', 'models.detector=yunet-2023mar');
    expect(missing).toMatchObject({
      code: 2,
      stderr:
        'phiz: --set models.detector: yunet-2023mar is not on this machine yet: run "phiz models pull yunet-2023mar"\n',
    });
    const unknown = await phiz('extract', photograph, '--set', 'models.facen=facenet');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/^phiz: --set models\.facen: there is no network "facenet": .*\n$/);
  });

  test('the list names every network and where it stands', async () => {
    const { stdout } = await phiz('models', 'list');
    expect(stdout).toMatch(/^face-recognition +embedding +ships, default +public domain$/m);
    expect(stdout).toMatch(/^yunet-2023mar +detection +227 KiB +can be pulled +MIT$/m);
    const { stdout: shown } = await phiz('models', 'show', 'w600k-mbf');
    expect(shown).toContain('InsightFace model zoo, NON-COMMERCIAL');
    expect(shown).toContain(join(folder, 'cache/models/w600k-mbf/w600k_mbf.onnx'));
    expect(shown).toContain('models.facen: w600k-mbf');
  });
});
