import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpTransport, type Resolve } from '../../runtimes/node-api/http-transport.ts';
import { type FetchLimits, fetchPicture, type HttpTransport } from '../../src/server/fetch-picture.ts';

const limits: FetchLimits = { size_limit: 100_000, timeout: 2_000, allow_private_networks: false };
const never = new AbortController().signal;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on loopback, e.g. `http://127.0.0.1:4711`. */
async function listen(listener: RequestListener, host = '127.0.0.1'): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, host, resolve));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

/** For these tests 127.0.0.1 is the internet: all other addresses are judged as ever. */
const internet = (transport: HttpTransport = createHttpTransport()): HttpTransport => ({
  get: (url, { allows, signal }) =>
    transport.get(url, { signal, allows: (address) => address === '127.0.0.1' || allows(address) }),
});

const get = (url: string, transport = internet(), own: Partial<FetchLimits> = {}, signal = never) =>
  fetchPicture(transport, url, { ...limits, ...own }, signal);

/** A resolver that has these answers, one after another. */
function resolver(
  ...answers: { address: string; family: number }[][]
): Resolve & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve = (name: string, _options: unknown, callback: (...args: unknown[]) => void) => {
    callback(null, answers[Math.min(asked.length, answers.length - 1)]);
    asked.push(name);
  };
  return Object.assign(resolve, { asked }) as unknown as Resolve & { asked: string[] };
}

const four = (address: string) => ({ address, family: 4 });

describe('fetching a picture', () => {
  it('returns the bytes, whatever their type', async () => {
    const url = await listen((_, response) => response.end(Buffer.alloc(70_000, 7)));
    expect(Buffer.from(await get(url))).toEqual(Buffer.alloc(70_000, 7));
  });

  it('undoes a coding that nobody asked for, within the limit', async () => {
    const picture = Buffer.alloc(70_000, 7);
    const coders = { gzip: gzipSync, 'X-GZip': gzipSync, deflate: deflateSync, br: brotliCompressSync };
    for (const [coding, encode] of Object.entries(coders)) {
      const url = await listen(({ headers }, response) => {
        expect(headers['accept-encoding']).toBe('identity');
        response.writeHead(200, { 'Content-Encoding': coding }).end(encode(picture));
      });
      expect(Buffer.from(await get(url))).toEqual(picture);
      await expect(get(url, internet(), { size_limit: 1_000 })).rejects.toThrow('at most 1000 bytes');
    }
    for (const [coding, reason] of [
      ['zstd', 'expected no Content-Encoding, got "zstd"'],
      ['gzip', 'incorrect header check'],
    ] as const) {
      const url = await listen((_, r) => r.writeHead(200, { 'Content-Encoding': coding }).end('no such'));
      await expect(get(url)).rejects.toThrow(reason);
    }
  });

  it('goes where a Location in raw UTF-8 leads, and in raw Latin-1', async () => {
    for (const encoding of ['utf8', 'latin1'] as const) {
      const server = createTcpServer((socket) => {
        socket.once('data', (data) => {
          const path = data.toString('latin1').split(' ')[1]!;
          const body = path === '/' ? '' : decodeURIComponent(path);
          const head = path === '/' ? '302 Found\r\nLocation: /fot\u00f3.jpg' : '200 OK';
          const length = `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
          socket.end(
            Buffer.concat([
              Buffer.from(`HTTP/1.1 ${head}\r\n${length}\r\n\r\n`, encoding),
              Buffer.from(body),
            ]),
          );
        });
      });
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      expect(Buffer.from(await get(url)).toString()).toBe('/fot\u00f3.jpg');
      server.close();
    }
  });

  it('fails at once where another protocol is offered', async () => {
    const server = createTcpServer((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
      );
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const start = performance.now();
    await expect(get(url)).rejects.toThrow('expected status 200, got 101');
    expect(performance.now() - start).toBeLessThan(limits.timeout / 2);
    server.close();
  });

  it('follows a few redirects, relative ones too', async () => {
    const url = await listen(({ url: path }, response) => {
      const step = Number(path!.slice(1));
      if (step > 0) response.writeHead(302, { Location: `/${step - 1}` }).end();
      else response.end('there');
    });
    expect(Buffer.from(await get(`${url}/4`)).toString()).toBe('there');
    await expect(get(`${url}/5`)).rejects.toThrow('more than 4 redirects');
  });

  it.each([
    ['a status', (_: unknown, r) => r.writeHead(404).end('no'), 'expected status 200, got 404'],
    ['a redirect to nowhere', (_: unknown, r) => r.writeHead(301).end(), 'expected status 200, got 301'],
    ['another scheme', (_: unknown, r) => r.writeHead(301, { Location: 'file:///x' }).end(), 'got file:'],
    ['a closed connection', (_: unknown, r) => r.destroy(), 'socket hang up'],
    [
      'a broken body',
      (_: unknown, r) => r.writeHead(200, { 'Content-Length': 9 }).write('x', () => r.destroy()),
      'aborted',
    ],
  ] as [string, RequestListener, string][])('fails on %s', async (_, listener, problem) => {
    const failing = get(await listen(listener));
    await expect(failing).rejects.toMatchObject({ code: 'IMAGE_FETCH_FAILED' });
    await expect(failing).rejects.toThrow(problem);
  });

  it('fails where nothing listens and where a name does not exist', async () => {
    const url = await listen(() => {});
    servers.pop()!.close();
    await expect(get(url)).rejects.toMatchObject({ code: 'IMAGE_FETCH_FAILED' });
    await expect(get('http://no-such-name.invalid/')).rejects.toMatchObject({ code: 'IMAGE_FETCH_FAILED' });
    await expect(get('http://')).rejects.toThrow('the URL is not valid');
  });

  it('fails at once on a URL that would take long to read', async () => {
    await expect(get(`http://a/${'a'.repeat(8_200)}`)).rejects.toThrow('at most 8192 characters');
    await expect(get(`http://${'一'.repeat(1_100)}/`)).rejects.toThrow('1024 characters beyond ASCII');
  });

  it('cuts a body off at the limit, whatever length it declares', async () => {
    let sent = 0;
    const url = await listen((_, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = (error?: Error | null) => {
        if (error || sent > 100_000_000) return;
        sent += chunk.length;
        response.write(chunk, more);
      };
      more();
    });
    await expect(get(url)).rejects.toThrow('expected a picture of at most 100000 bytes');
    expect(sent).toBeLessThan(50_000_000);
  });

  it('gives up on a server that drips, within its time', async () => {
    let dropped = false;
    const url = await listen((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => {
        clearInterval(drip);
        dropped = true;
      });
    });
    await expect(get(url, internet(), { timeout: 200 })).rejects.toThrow('no complete answer within 200 ms');
    await expect.poll(() => dropped).toBe(true);
  });

  it('gives up on a server that says nothing', async () => {
    const url = await listen(() => {});
    await expect(get(url, internet(), { timeout: 100 })).rejects.toThrow('no complete answer within 100 ms');
  });

  it('stops with its caller, for the caller’s reason', async () => {
    const caller = new AbortController();
    const url = await listen(() => caller.abort(new Error('the caller is gone')));
    await expect(get(url, internet(), {}, caller.signal)).rejects.toThrow('the caller is gone');
  });
});

describe('addresses that are not public', () => {
  const untouched: RequestListener = () => {
    throw new Error('a forbidden address was connected to');
  };

  it.each([
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '0x7f.1',
    '169.254.169.254',
    'localhost',
  ])('are refused: %s', async (host) => {
    const { port } = new URL(await listen(untouched));
    const failing = get(`http://${host}:${port}/`, createHttpTransport());
    await expect(failing).rejects.toMatchObject({ code: 'IMAGE_FETCH_FAILED' });
    await expect(failing).rejects.toThrow('is not a public address');
  });

  it('are refused behind a redirect', async () => {
    const secret = await listen(untouched, '127.0.0.2');
    const url = await listen((_, response) => void response.writeHead(302, { Location: secret }).end());
    await expect(get(url)).rejects.toThrow('127.0.0.2 is not a public address');
  });

  it('are refused behind a name, even beside a public one', async () => {
    const resolve = resolver([four('127.0.0.1'), four('10.0.0.1')]);
    const failing = get('http://mixed.example/', internet(createHttpTransport(resolve)));
    await expect(failing).rejects.toThrow('is not a public address');
    // Where an inner name leads is not told to strangers.
    await expect(failing).rejects.not.toThrow('10.0.0.1');
  });

  it('cannot be swapped in after the check: the name is resolved once', async () => {
    const { port } = new URL(await listen((_, response) => response.end('public')));
    const resolve = resolver([four('127.0.0.1')], [four('127.0.0.2')]);
    const picture = await get(`http://rebinding.example:${port}/`, internet(createHttpTransport(resolve)));
    expect(Buffer.from(picture).toString()).toBe('public');
    expect(resolve.asked).toEqual(['rebinding.example']);
  });

  it('are not told apart from names that do not exist', async () => {
    const reasons = [];
    for (const resolve of [
      resolver([four('10.0.0.1')]),
      ((_name, _options, callback) => callback(new Error('ENOTFOUND'), [])) as Resolve,
    ]) {
      const failing = get('http://intranet.example/', createHttpTransport(resolve));
      reasons.push(await failing.catch((error: Error) => error.message));
    }
    expect(new Set(reasons).size).toBe(1);
  });

  it('are not named where a connection fails', async () => {
    const url = await listen(() => {}, '127.0.0.2');
    servers.pop()!.close();
    const failing = get(url, createHttpTransport(), { allow_private_networks: true });
    await expect(failing).rejects.toThrow('Failed to fetch the picture: the connection was refused');
    await expect(failing).rejects.not.toThrow('127.0.0.2');
  });

  it('are open where the configuration says so', async () => {
    const url = await listen((_, response) => response.end('private'), '127.0.0.2');
    const picture = await get(url, createHttpTransport(), { allow_private_networks: true });
    expect(Buffer.from(picture).toString()).toBe('private');
  });
});
