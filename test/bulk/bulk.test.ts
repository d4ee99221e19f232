import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { decode } from '@msgpack/msgpack';
import { AckPolicy, type JetStreamClient, type JetStreamManager, jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectNats } from '../../runtimes/node-api/nats.ts';
import { phiz, photographs } from '../cli/phiz.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';

/** A real nats-server, real workers and the real command line. */
let nats: NatsServer;
let connection: NatsConnection;
let client: JetStreamClient;
let manager: JetStreamManager;
let worker: ChildProcess;
let folder: string;
let pictures: Server;
let picture: Buffer;

const bulk = (command: string, ...args: string[]) => phiz(command, '--nats', nats.url, ...args);
const settings = ['--set', 'model_instances=1', '--set', 'fetch.allow_private_networks=true'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-bulk-'));
  picture = await sharp(`${photographs}/sample1.jpg`).resize(640).jpeg().toBuffer();
  pictures = createServer((request, response) => {
    response.statusCode = request.url === '/group.jpg' ? 200 : 410;
    response.end(picture);
  });
  pictures.listen(0, '127.0.0.1');
  await once(pictures, 'listening');
  nats = await startNatsServer();
  expect((await bulk('work', ...settings)).stderr).toContain('run "phiz work --setup"');
  expect((await bulk('work', '--setup', '--bytes', '50000000', ...settings)).code).toBe(0);
  worker = spawn(process.execPath, [
    'dist/node/main.js',
    'work',
    '--nats',
    nats.url,
    '--name',
    'it',
    ...settings,
  ]);
  worker.stdout!.resume();
  worker.stderr!.resume();
  connection = await connectNats({ servers: nats.url });
  client = jetstream(connection);
  manager = await client.jetstreamManager();
});
afterAll(async () => {
  worker.kill('SIGKILL');
  await connection.close();
  await nats.stop();
  pictures.close();
  await rm(folder, { recursive: true });
});

/** Puts a message in and waits for its answer. */
async function ask(subject: string, body: string | Uint8Array, more: Record<string, string> = {}) {
  const given = headers();
  for (const [name, value] of Object.entries(more)) given.set(name, value);
  const { seq } = await client.publish(`phiz.requests.${subject}`, body, { headers: given });
  const filter_subject = `phiz.answers.${subject}`;
  const name = `test-${seq}`;
  await manager.consumers.add('phiz-answers', {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    filter_subject,
  });
  try {
    const consumer = await client.consumers.get('phiz-answers', name);
    for (;;) {
      const message = await consumer.next({ expires: 60_000 });
      if (!message) throw new Error('no answer came');
      await message.ackAck();
      return { headers: message.headers!, data: message.data, seq };
    }
  } finally {
    await manager.consumers.delete('phiz-answers', name);
  }
}

const call = (image: string, more: object = {}) => JSON.stringify({ requests: [{ image, ...more }] });
const dataUrl = (bytes: Uint8Array) => `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`;
const json = ({ data }: { data: Uint8Array }) => JSON.parse(new TextDecoder().decode(data));

describe('a request', () => {
  test('is answered as by the service, by both versions and in MessagePack', async () => {
    const image = dataUrl(picture);
    const v1 = await ask('v1.one', call(image, { need_age: true }), {
      'Nats-Msg-Id': 'mine',
      'X-Order': '17',
    });
    const [{ faces }] = json(v1).responses;
    expect(faces).toHaveLength(3);
    expect(faces[0].age).toBeGreaterThan(0);
    expect(v1.headers.get('Phiz-Id')).toBe('mine');
    expect(v1.headers.get('X-Order')).toBe('17');
    expect(v1.headers.get('Phiz-Settings')).toMatch(/^[\da-f]{12}$/);
    const v2 = await ask('v2.one', call(image, { attributes: ['face_age'] }));
    expect(json(v2).responses[0].objects.face[0].face_age.result).toBe(faces[0].age);
    const packed = await ask(
      'v1.one',
      JSON.stringify({ requests: [{ image, need_facen: true }], response_format: 'msgpack' }),
    );
    expect(packed.headers.get('Content-Type')).toBe('application/vnd.msgpack');
    const { responses } = decode(packed.data) as { responses: { faces: { facen: Uint8Array }[] }[] };
    expect(responses[0]!.faces[0]!.facen).toBeInstanceOf(Uint8Array);
  });

  test('may name an object of any bucket, or a URL', async () => {
    const store = await new Objm(client).create('others');
    await store.putBlob({ name: 'deep/group 1.jpg' }, picture);
    const stored = json(await ask('v1.one', call('object:others/deep/group 1.jpg')));
    const { port } = pictures.address() as AddressInfo;
    const fetched = json(await ask('v1.one', call(`http://127.0.0.1:${port}/group.jpg`)));
    expect(stored.responses[0].faces).toHaveLength(3);
    expect(fetched).toEqual(stored);
  });

  test.each([
    ['v1.bad', 'no JSON', 'BAD_REQUEST'],
    ['v1.bad', new Uint8Array([0xff, 0xfe]), 'BAD_REQUEST'],
    ['v1.bad', '', 'BAD_REQUEST'],
    ['v1.bad', '{"requests": [{"image": 7}]}', 'BAD_REQUEST'],
    ['v3.bad', '{"requests": []}', 'NOT_FOUND'],
    ['v1', '{"requests": []}', 'NOT_FOUND'],
    ['v1.bad.worse', '{"requests": []}', 'NOT_FOUND'],
    ['toString.bad', '{"requests": []}', 'NOT_FOUND'],
  ])('%s %j is answered with %s', async (subject, body, code) => {
    const answer = await ask(subject, body);
    expect(json(answer).error.code).toBe(code);
    expect(answer.headers.get('Phiz-Code')).toBe(code);
  });

  test.each([
    ['object:phiz-pictures/gone', 'there is no object'],
    ['object:nowhere/x', 'there is no object'],
    ['object:no bucket/x', 'there is no object'],
    ['object:phiz-pictures', 'expected'],
    ['multipart:x', 'part'],
  ])('for %s is answered with an error, and the worker goes on', async (image, told) => {
    const { error, ...nothing } = json(await ask('v1.bad', call(image))).responses[0];
    expect(nothing).toEqual({ faces: [] });
    expect(error.code).toMatch(/^IMAGE_(FETCH_FAILED|PART_MISSING)$/);
    expect(error.desc).toContain(told);
  });

  test('for an expired URL, and for what is no picture, is answered with its code', async () => {
    const { port } = pictures.address() as AddressInfo;
    const expired = json(await ask('v1.bad', call(`http://127.0.0.1:${port}/expired`))).responses[0];
    expect(expired.error.code).toBe('IMAGE_FETCH_FAILED');
    const noPicture = json(await ask('v1.bad', call(dataUrl(new Uint8Array(10))))).responses[0];
    expect(noPicture.error.code).toBe('IMAGE_DECODING_FAILED');
  });

  test('with an answer that the server would not take is answered with that', async () => {
    const requests = Array.from({ length: 8 }, () => ({
      image: 'object:others/deep/group 1.jpg',
      need_normalized: true,
    }));
    const { error } = json(await ask('v1.large', JSON.stringify({ requests })));
    expect(error.code).toBe('BODY_TOO_LARGE');
    expect(error.desc).toContain('max_payload');
  });
});

describe('submit and collect', () => {
  test('go from pictures to lines, each once, and go on where they ended', async () => {
    const local = join(folder, 'photos ü');
    await mkdir(local);
    for (const name of ['a.jpg', 'b.jpg', 'c%20.jpg']) await writeFile(join(local, name), picture);
    await writeFile(join(local, 'broken.jpg'), 'no picture');
    const journal = ['--journal', join(folder, 'submitted.ndjson')];
    const { port } = pictures.address() as AddressInfo;
    const sources = [local, `http://127.0.0.1:${port}/group.jpg`, '--batch', 'album', '--need', 'age'];
    const first = await bulk('submit', ...sources, ...journal);
    expect([first.code, /^(\d+) pictures/.exec(first.stderr)?.[1]]).toEqual([0, '5']);
    expect((await bulk('submit', ...sources, ...journal)).stderr).toContain('5 done before');
    const forgetful = await bulk('submit', ...sources, '--journal', join(folder, 'other.ndjson'));
    expect(forgetful.stderr).toContain('the queue had 5 of them already');
    // Alike pictures are stored once.
    const { size } = await (await new Objm(client).open('phiz-pictures')).status();
    expect(size).toBeLessThan(2 * picture.length);

    const out = join(folder, 'faces.ndjson');
    const collected = await bulk('collect', '--batch', 'album', '--out', out);
    expect(collected.code).toBe(1);
    const lines = (await readFile(out, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ file }) => file).sort()).toEqual(
      ['a.jpg', 'b.jpg', 'broken.jpg', 'c%20.jpg']
        .map((name) => join(local, name))
        .concat(sources[1]!)
        .sort(),
    );
    for (const { file, faces, error } of lines) {
      if (file.endsWith('broken.jpg')) expect(error.code).toBe('IMAGE_DECODING_FAILED');
      else expect(faces.map((face: { age: number }) => face.age > 0)).toEqual([true, true, true]);
    }
    // An answer whose acknowledgement got lost comes again; here one that is put in by hand.
    const again = headers();
    again.set('Phiz-Id', lines[0].id);
    await client.publish('phiz.answers.v1.album', '{"responses": []}', { headers: again });
    await bulk('collect', '--batch', 'album', '--out', out);
    expect((await readFile(out, 'utf8')).trimEnd().split('\n')).toHaveLength(5);

    const table = join(folder, 'faces.csv');
    await copyFile(out, `${table}.ndjson`);
    await bulk('collect', '--batch', 'album', '--out', table);
    // A row for each of four times three faces, one for the broken picture, and the head.
    expect((await readFile(table, 'utf8')).trimEnd().split('\n')).toHaveLength(4 * 3 + 1 + 1);
  });

  test('keep answers of both versions, and of calls with several pictures, in every format', async () => {
    const queue = ['--queue', 'mixed'];
    await bulk('work', '--setup', '--bytes', '10000000', ...queue, ...settings);
    const image = dataUrl(picture);
    const both = { requests: [{ image, need_age: true }, { image: 'object:mixed-pictures/gone' }] };
    const requests = {
      'v1.several': JSON.stringify(both),
      'v2.one': call(image, { attributes: ['face_age', 'face_gender', 'face_emben'] }),
      'v1.one': call(image, { need_age: true, need_gender: true, need_facen: true }),
      'v2.bad': 'no JSON',
    };
    for (const [subject, body] of Object.entries(requests)) {
      const given = headers();
      given.set('Nats-Msg-Id', subject);
      await client.publish(`mixed.requests.${subject}`, body, { headers: given });
    }
    const mixing = spawn(process.execPath, [
      'dist/node/main.js',
      'work',
      '--nats',
      nats.url,
      ...queue,
      ...settings,
    ]);
    const out = join(folder, 'mixed.ndjson');
    const first = await bulk('collect', ...queue, '--out', out);
    mixing.kill('SIGKILL');
    expect(first.stderr).toContain('4 pictures');
    expect(first.stderr).toContain('9 faces, 2 failed');
    const lines = await readFile(out, 'utf8');
    expect(lines.trimEnd().split('\n')).toHaveLength(4);
    // An answer that comes twice, and what is nobody's answer.
    for (const [id, body] of [
      ['v2.one', '{"responses": []}'],
      ['odd', '{"responses": [7]}'],
      ['empty', '{"responses": []}'],
    ] as const) {
      const given = headers();
      given.set('Phiz-Id', id);
      await client.publish('mixed.answers.v1.x', body, { headers: given });
    }
    await bulk('collect', ...queue, '--out', out);
    const more = await readFile(out, 'utf8');
    expect(more.startsWith(lines)).toBe(true);
    expect(more.slice(lines.length).trimEnd().split('\n')).toHaveLength(2);

    const table = join(folder, 'mixed.csv');
    await copyFile(out, `${table}.ndjson`);
    await bulk('collect', ...queue, '--out', table);
    expect(await readFile(`${table}.ndjson`, 'utf8')).toBe(more);
    const [head, ...rows] = (await readFile(table, 'utf8')).trimEnd().split('\n');
    const names = head!.split(',');
    const cells = (file: string, name: string) =>
      rows.filter((row) => row.startsWith(`${file},`)).map((row) => row.split(',')[names.indexOf(name)]);
    expect(cells('v1.several#0', 'age')).toEqual(cells('v1.one', 'age'));
    expect(rows.find((row) => row.startsWith('v1.several#1,'))).toContain('IMAGE_FETCH_FAILED');
    for (const name of ['face', 'left', 'age', 'gender', 'facen'])
      expect(cells('v2.one', name)).toEqual(cells('v1.one', name));
    for (const [face, score] of cells('v2.one', 'gender_score').entries())
      expect(Number(score)).toBeCloseTo(Number(cells('v1.one', 'gender_score')[face]), 5);
    expect(rows.find((row) => row.startsWith('odd,'))).toContain('INTERNAL');
    expect(cells('empty', 'face')).toEqual(['']);
    expect(rows.find((row) => row.startsWith('v2.bad,'))).toContain('BAD_REQUEST');
  });

  test('collect ends where the server counts requests as in work that are answered, and waits for others', async () => {
    const queue = ['--queue', 'haunted'];
    await bulk('work', '--setup', '--bytes', '1000000', ...queue);
    const put = async (subject: string, name: string, id: string) => {
      const given = headers();
      given.set(name, id);
      return client.publish(subject, '{"responses": [{"faces": []}]}', { headers: given });
    };
    const requests = [];
    for (const id of ['gone', 'back', 'slow'])
      requests.push(await put('haunted.requests.v1.x', 'Nats-Msg-Id', id));
    // Given out to somebody who says nothing more, as a server remembers it that was killed.
    const workers = await client.consumers.get('haunted-requests', 'workers');
    for await (const _ of await workers.fetch({ max_messages: 3, expires: 1_000 }));
    await manager.streams.deleteMessage('haunted-requests', requests[0]!.seq);
    for (const id of ['gone', 'back']) await put('haunted.answers.v1.x', 'Phiz-Id', id);
    const out = join(folder, 'haunted.ndjson');
    let ended = false;
    const collecting = bulk('collect', ...queue, '--out', out).finally(() => {
      ended = true;
    });
    await expect.poll(() => readFile(out, 'utf8').catch(() => ''), { timeout: 20_000 }).toContain('back');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(ended).toBe(false);
    await put('haunted.answers.v1.x', 'Phiz-Id', 'slow');
    expect((await collecting).code).toBe(0);
    const ids = (await readFile(out, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(ids.toSorted()).toEqual(['back', 'gone', 'slow']);
  });

  test('tell what is wrong with what they are given, and leave no file then', async () => {
    const into = join(folder, 'nothing.ndjson');
    const submit = (...args: string[]) => phiz('submit', '.', '--journal', into, ...args);
    const collect = (...args: string[]) => phiz('collect', '--out', into, ...args);
    const here = ['--nats', nats.url];
    const cases = [
      [await submit('--nats', 'nats://127.0.0.1:1'), 'no NATS server at 127.0.0.1:1'],
      [await submit(...here, '--queue', 'other'), 'the queue other is not set up'],
      [await submit(...here, '--batch', 'a.b'), 'batch: expected up to 64 letters'],
      [await collect('--nats', 'http://127.0.0.1'), 'expected the URL of a NATS server', 2],
      [await collect(...here, '--queue', 'other'), 'the queue other is not set up'],
    ] as const;
    for (const [{ code, stderr }, told, expected = 1] of cases) {
      expect(stderr).toContain(told);
      expect(code).toBe(expected);
    }
    await expect(readFile(into)).rejects.toThrow('ENOENT');
  });
});

test('Python puts work in and reads its answer, as docs/bulk.md shows', async () => {
  const docs = await readFile('docs/bulk.md', 'utf8');
  const script = join(folder, 'client.py');
  await writeFile(script, /```python\n(.*?)```/s.exec(docs)![1]!);
  const file = join(folder, 'group.jpg');
  await writeFile(file, picture);
  const { stdout } = await promisify(execFile)('python3', [script, '127.0.0.1', String(nats.port), file]);
  expect(JSON.parse(stdout).responses[0].faces).toHaveLength(3);
});

test('the status tells what there is to do, and how the workers do', async () => {
  const status = JSON.parse((await bulk('work', '--status', '--json')).stdout);
  expect(status).toMatchObject({ pending: 0, inProgress: 0, failed: 0, answers: 0 });
  expect(status.workers).toHaveLength(1);
  expect(status.workers[0]).toMatchObject({ worker: 'it', instances: 1, inHand: 0, done: status.done });
  expect(status.workers[0].failed).toBeGreaterThan(10);
  expect((await bulk('work', '--status')).stdout).toMatch(/^pending {6}0\n.*\n {2}it {2}\d/s);
});

test('a worker with other settings stays away, and one whose settings are left behind ends', async () => {
  const other = await bulk('work', ...settings, '--set', 'exif_orientation=false');
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('exif_orientation is false here and true there');
  await bulk('work', '--setup', '--bytes', '50000000', ...settings, '--set', 'exif_orientation=false');
  const [code] = await once(worker, 'exit');
  expect(code).toBe(2);
});
