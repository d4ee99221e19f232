import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { read } from '../contract/samples.ts';
import type { RunningServer, StartServer } from '../contract/server.ts';
import { converse, open } from './raw-client.ts';

const call = '{"requests":[]}';
const post = (headers: string, body = call, path = '/') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
const length = `Content-Length: ${call.length}\r\n`;

/** HTTP at its edges, over real sockets; alike on every runtime. */
export function httpSuite(start: StartServer): void {
  let server: RunningServer;
  beforeAll(async () => {
    server = await start('model_instances: 1\n');
  });
  afterAll(() => server?.stop());

  const metrics = async () => (await fetch(new URL('metrics', server.url))).text();
  const memory = async () => Number(/^process_resident_memory_bytes (\d+)/m.exec(await metrics())![1]);

  it('HTTP/1.0 without Host is answered: so HAProxy asks for /health', async () => {
    const { status, said } = await converse(server.url, 'GET /health HTTP/1.0\r\n\r\n');
    expect([status, said.includes('alive')]).toEqual([200, true]);
  });

  it.each([
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'BAD_REQUEST'],
    ['two Hosts', 'GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a Host that is none', 'GET /health HTTP/1.1\r\nHost: a b\r\n\r\n', 400, 'BAD_REQUEST'],
    ['no HTTP', '\x16\x03\x01\x02\x00\r\n\r\n', 400, 'BAD_REQUEST'],
    ['a length twice', post(`${length}${length}`), 400, 'BAD_REQUEST'],
    ['a length that is none', post('Content-Length: NaN\r\n'), 400, 'BAD_REQUEST'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'BAD_REQUEST',
    ],
    ['another expectation', 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n', 417, 'BAD_REQUEST'],
    ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 405, 'METHOD_NOT_ALLOWED'],
    ['a compressed body', post(`Content-Encoding: gzip\r\n${length}`), 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('%s is refused in JSON, and counted', async (_, sent, status, code) => {
    const before = countOf(await metrics(), status);
    const answer = await converse(server.url, sent);
    expect([answer.status, answer.json?.error?.code]).toEqual([status, code]);
    expect(answer.said).toMatch(/x-request-id: [\da-f]{32}/i);
    expect(countOf(await metrics(), status)).toBe(before + 1);
  });

  it('a compressed body is told by its header', async () => {
    const { json } = await converse(server.url, post(`Content-Encoding: gzip\r\n${length}`, '\x1f\x8b'));
    expect(json!.error!.desc).toContain('Content-Encoding');
  });

  it('a client that asks first is told to go on only where its body will be taken', async () => {
    const taken = await converse(server.url, post(`Expect: 100-continue\r\n${length}`));
    // It need not be told where its body has come already (RFC 9110, 10.1.1): it is sent at once here.
    expect(taken.said).toMatch(/^(HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 200 /);
    const large = await converse(
      server.url,
      post('Expect: 100-continue\r\nContent-Length: 99999999\r\n', ''),
    );
    expect([large.status, large.said.includes('100 Continue')]).toEqual([413, false]);
    const coded = await converse(
      server.url,
      post(`Expect: 100-continue\r\nContent-Encoding: br\r\n${length}`, ''),
    );
    expect([coded.status, coded.said.includes('100 Continue')]).toEqual([415, false]);
  });

  it.each(['//', '/v2/', '//v2//'])('POST %s has slashes that say nothing', async (path) => {
    const { status, json } = await converse(server.url, post(length, call, path));
    expect([status, json]).toEqual([200, { responses: [] }]);
  });

  it('a client that has closed its own direction gets its answer', async () => {
    const body = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="request"\r\n\r\n'),
      Buffer.from('{"requests": [{"image": "multipart:a"}]}'),
      Buffer.from('\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
      await read('sample1.jpg'),
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const headers = `Host: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}\r\n`;
    for (const connection of ['Connection: close\r\n', '']) {
      const sent = Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\n${headers}${connection}\r\n`), body]);
      const { status, json, said } = await converse(server.url, sent, { halfClose: true });
      expect([connection, status, json?.responses?.length]).toEqual([connection, 200, 1]);
      if (connection) expect(said).toMatch(/^HTTP\/1\.1 200 /);
    }
    for (const [framing, body] of [
      ['Content-Length: 99\r\n', call],
      ['Transfer-Encoding: chunked\r\n', '5\r\n{"req'],
    ] as const) {
      const part = await converse(server.url, post(framing, body), { halfClose: true });
      expect([part.status, part.json?.error]).toEqual([
        400,
        { code: 'BAD_REQUEST', desc: 'expected the whole call' },
      ]);
    }
  });

  it('requests that are sent ahead are answered in their order, what is broken after them last', async () => {
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const paths = Array.from({ length: 100 }, (_, i) => (i % 2 ? '/health' : '/none'));
    const { said } = await converse(server.url, `${paths.map(get).join('')}\0\r\n\r\n`);
    const statuses = [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    expect(statuses).toEqual([...paths.map((path) => (path === '/none' ? 404 : 200)), 400]);
  });

  it('sixty bodies of 900 kB and three hundred calls in one moment are each answered', async () => {
    const body = ' '.repeat(900_000);
    const large = Array.from({ length: 60 }, () =>
      converse(server.url, post(`Content-Length: ${body.length}\r\n`, body), { patience: 60_000 }),
    );
    const small = Array.from({ length: 300 }, () => converse(server.url, post(length), { patience: 60_000 }));
    const statuses = (answers: readonly { readonly status: number }[]) =>
      [...new Set(answers.map(({ status }) => status))].sort();
    expect(statuses(await Promise.all(large))).toEqual([400]);
    expect(statuses(await Promise.all(small))).toEqual([200]);
  });

  it('a Content-Type of 15 kB is refused at once', async () => {
    const type = `a${' '.repeat(15_000)}a`;
    const start = performance.now();
    const sent = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n${length}\r\n${call}`;
    for (let i = 0; i < 10; i++) expect((await converse(server.url, sent)).status).toBe(415);
    // 310 ms each where spaces were looked for from each of them.
    expect(performance.now() - start).toBeLessThan(1_500);
  });

  describe('static files', () => {
    const file = 'GET /assets/wasm/onnxruntime.wasm HTTP/1.1\r\nHost: x\r\n\r\n';

    it.each([
      ['a hundred times ahead on one connection', 1, 100],
      ['once on each of a hundred connections', 100, 1],
    ])('of 14 MB, asked for %s and never read, take no memory', async (_, clients, times) => {
      const before = await memory();
      const sockets = Array.from({ length: clients }, () => open(server.url));
      for (const socket of sockets) socket.pause().write(file.repeat(times));
      let most = before;
      for (let i = 0; i < 20; i++) {
        most = Math.max(most, await memory());
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      for (const socket of sockets) socket.destroy();
      // One copy of the file, and what the sockets hold. (It was 2,800 MB.)
      expect((most - before) / 1e6).toBeLessThan(120);
    });
  });

  it('probes get through beside more idle connections than there may be', async () => {
    const idle = Array.from({ length: 1_500 }, () => open(server.url));
    await Promise.all(
      idle.map((socket) => new Promise((done) => socket.once('connect', done).once('close', done))),
    );
    for (let i = 0; i < 20; i++) {
      const { status } = await converse(server.url, 'GET /health HTTP/1.0\r\n\r\n', { patience: 5_000 });
      expect(status).toBe(200);
    }
    for (const socket of idle) socket.destroy();
  });
}

const countOf = (metrics: string, status: number) =>
  Number(new RegExp(`^phiz_calls_total\\{status="${status}"\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0);
