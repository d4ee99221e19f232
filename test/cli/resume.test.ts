import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phiz, photographs } from './phiz.ts';

let folder: string;
let pictures: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-'));
  pictures = join(folder, 'pictures');
  await mkdir(pictures);
  await sharp(`${photographs}/sample6.jpg`).resize(480).toFile(join(pictures, 'group.jpg'));
  await writeFile(join(pictures, 'broken.jpg'), 'no picture at all');
  for (let index = 0; index < 40; index++) {
    await symlink('group.jpg', join(pictures, `link${String(index).padStart(2, '0')}.jpg`));
  }
});
afterAll(() => rm(folder, { recursive: true }));

const lines = async (file: string) =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { file: string; faces: unknown[]; error?: unknown });

describe('phiz extract --out', () => {
  test('goes on where it was killed, and leaves one line for each picture', async () => {
    const out = join(folder, 'killed.ndjson');
    const args = ['dist/node/main.js', 'extract', pictures, '--out', out, '--need', 'facen', '--jobs', '1'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    for (let wait = 0; wait < 600 && !(await readFile(out).catch(() => '')).includes('link02'); wait++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const before = (await readFile(out)).length;
    expect(before).toBeGreaterThan(0);
    // As a machine that lost its power leaves it.
    await truncate(out, before - 7);
    const { stderr, code } = await phiz('extract', pictures, '--out', out, '--need', 'facen');
    expect(code).toBeLessThanOrEqual(1);
    expect(Number(/(\d+) done before/.exec(stderr)?.[1])).toBeGreaterThanOrEqual(2);
    const written = await lines(out);
    expect(written).toHaveLength(42);
    expect(new Set(written.map(({ file }) => file)).size).toBe(42);
    expect(written.filter(({ error }) => error).map(({ file }) => file)).toEqual([
      join(pictures, 'broken.jpg'),
    ]);
  });

  test('does again what has changed, what may succeed now, and with --again all', async () => {
    const out = join(folder, 'changed.ndjson');
    const some = join(folder, 'some');
    await mkdir(some);
    for (const name of ['a.jpg', 'b.jpg']) await copyFile(join(pictures, 'group.jpg'), join(some, name));
    const run = async (...more: string[]) => {
      const { stderr } = await phiz(
        'extract',
        some,
        join(folder, 'later.jpg'),
        '--out',
        out,
        '--need',
        '',
        ...more,
      );
      return /^(\d+) pictures?/m.exec(stderr)?.[1];
    };
    expect(await run()).toBe('3');
    await utimes(join(some, 'b.jpg'), new Date(0), new Date(0));
    await copyFile(join(pictures, 'group.jpg'), join(folder, 'later.jpg'));
    expect(await run()).toBe('2');
    expect(await run()).toBe('0');
    expect(await run('--again')).toBe('3');
    const written = await lines(out);
    expect(written.map(({ file }) => file).sort()).toEqual([
      join(folder, 'later.jpg'),
      join(some, 'a.jpg'),
      join(some, 'b.jpg'),
    ]);
    expect(written.every(({ faces, error }) => faces.length > 0 && !error)).toBe(true);
  });

  test('makes Parquet and CSV with a row for each face, and one for a picture without', async () => {
    const args = [
      join(pictures, 'broken.jpg'),
      `${photographs}/sample1.jpg`,
      '--need',
      'facen,age,normalized',
    ];
    const parquet = join(folder, 'faces.parquet');
    const csv = join(folder, 'faces.csv');
    await phiz('extract', ...args, '--out', parquet);
    await phiz('extract', ...args, '--out', csv);
    const [broken, face] = await lines(`${parquet}.ndjson`);
    const { buffer } = new Uint8Array(await readFile(parquet));
    const rows = await parquetReadObjects({ file: buffer, utf8: false });
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({ file: broken!.file, face: null, error: 'IMAGE_DECODING_FAILED' });
    for (const [index, row] of rows.slice(1).entries()) {
      const wire = face!.faces[index] as {
        bbox: { left: number };
        age: number;
        facen: string;
        normalized: string;
      };
      expect(row).toMatchObject({
        face: index,
        left: wire.bbox.left,
        age: wire.age,
        error: null,
        gender: null,
      });
      const vector = Buffer.from(wire.facen, 'base64');
      expect(row.facen).toHaveLength(vector.length / 4);
      expect(row.facen[7]).toBe(vector.readFloatLE(28));
      expect(Buffer.from(row.normalized).toString('base64')).toBe(wire.normalized);
    }
    const table = (await readFile(csv, 'utf8')).trimEnd().split('\n');
    expect(table).toHaveLength(5);
    expect(table[0]).toMatch(/^file,face,left,/);
    expect(table[2]).toContain(`,${(face!.faces[0] as { age: number }).age},`);
  });

  test('a full disk ends it with a word', async () => {
    if (process.platform !== 'linux') return;
    const { stderr, code } = await phiz(
      'extract',
      join(pictures, 'group.jpg'),
      '--need',
      '',
      '--out',
      '/dev/full',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('/dev/full: ENOSPC');
  });
});

describe('phiz extract --list', () => {
  test('takes paths and URLs from a file', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/group.jpg' ? 200 : 404;
      readFile(join(pictures, 'group.jpg')).then((bytes) => response.end(bytes));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const list = join(folder, 'list.txt');
    await writeFile(list, `${join(pictures, 'group.jpg')}\r\n\n${root}/group.jpg\n${root}/expired.jpg\n`);
    const settings = ['--need', '', '--set', 'fetch.allow_private_networks=true'];
    const { lines: answers, code } = await phiz('extract', '--list', list, ...settings);
    server.close();
    const [local, remote, expired] = answers();
    expect(code).toBe(1);
    expect(local!.faces.length).toBeGreaterThan(0);
    expect(remote).toEqual({ ...local, file: `${root}/group.jpg` });
    expect(expired).toMatchObject({ faces: [], error: { code: 'IMAGE_FETCH_FAILED' } });
  });
});

test('a folder without pictures is named, and each path that leads nowhere has its line', async () => {
  const empty = join(folder, 'empty');
  await mkdir(empty);
  const nothing = await phiz('extract', empty);
  expect([nothing.code, nothing.stdout]).toEqual([1, '']);
  expect(nothing.stderr).toContain(`${empty}: no pictures in this folder`);
  const mixed = await phiz('extract', '--need', '', 'nosuch.jpg', join(pictures, 'group.jpg'));
  expect(mixed.code).toBe(1);
  expect(mixed.lines().map(({ error }) => error?.code)).toEqual(['IMAGE_FETCH_FAILED', undefined]);
});

test('a terminal is spared vectors and pictures, unless they are asked for', async () => {
  const inTerminal = (...flags: string[]) =>
    new Promise<string>((resolve) => {
      const command = [
        process.execPath,
        'dist/node/main.js',
        'extract',
        join(pictures, 'group.jpg'),
        ...flags,
      ];
      const child = spawn('python3', ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', ...command]);
      let text = '';
      child.stdout.on('data', (part) => {
        text += part;
      });
      child.on('close', () => resolve(text));
    });
  const usual = await inTerminal();
  expect(usual).toContain('"age"');
  expect(usual).not.toMatch(/"facen"|"normalized"/);
  expect(await inTerminal('--need', 'facen')).toContain('"facen"');
});
