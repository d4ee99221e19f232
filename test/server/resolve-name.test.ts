import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { addressesIn, candidatesFor, resolveName } from '../../runtimes/node-api/resolve-name.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A server of names on loopback, e.g. `127.0.0.1:4711`. */
async function listen(answer: (question: Buffer) => Buffer | undefined): Promise<string> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (question, { port, address }) => {
    const reply = answer(question);
    if (reply) socket.send(reply, port, address);
  });
  await new Promise<void>((resolve) => void socket.bind(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(socket.address() as AddressInfo).port}`;
}

/** 192.0.2.7 to whoever asks for IPv4, nothing to others; RFC 1035, section 4. */
function one(question: Buffer): Buffer {
  const asksFor4 = question.readUInt16BE(question.indexOf(0, 12) + 1) === 1;
  const asked = question.subarray(12, question.indexOf(0, 12) + 5);
  const header = Buffer.from([question[0]!, question[1]!, 0x81, 0x80, 0, 1, 0, asksFor4 ? 1 : 0, 0, 0, 0, 0]);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
  return Buffer.concat([header, asked, ...(asksFor4 ? [record] : [])]);
}

const soon = () => AbortSignal.timeout(10_000);

it('names that nobody answers for end with their call, and keep no other', async () => {
  const [silent, answering] = [await listen(() => undefined), await listen(one)];
  // One for each, as every picture has its own.
  const calls = Array.from({ length: 240 }, () => new AbortController());
  const lookups = calls.map(({ signal }, i) => resolveName(`silent${i}.example.`, signal, [silent]));
  const ends = Promise.allSettled(lookups);

  expect(await resolveName('served.example.', soon(), [answering])).toEqual([
    { address: '192.0.2.7', family: 4 },
  ]);
  const start = performance.now();
  for (const call of calls) call.abort(new Error('the call is over'));
  for (const end of await ends) expect(end).toMatchObject({ reason: { message: 'the call is over' } });
  expect(performance.now() - start).toBeLessThan(1_000);
});

it('a name that nobody answers for is given up within 10 s without a signal', async () => {
  const start = performance.now();
  const lookup = resolveName('silent.example.', new AbortController().signal, [
    await listen(() => undefined),
  ]);
  await expect(lookup).rejects.toThrow('the name has no address');
  expect(performance.now() - start).toBeLessThan(10_000);
});

it('the hosts file comes first', async () => {
  expect((await resolveName('localhost', soon(), [await listen(one)]))[0]!.address).toMatch(
    /^(127\.0\.0\.1|::1)$/,
  );
  const hosts = '# 10.0.0.9 a\n10.0.0.1\ta.example  A # b\r\nfe80::1 a\nnone a\n';
  expect(addressesIn(hosts, 'a.')).toEqual([
    { address: '10.0.0.1', family: 4 },
    { address: 'fe80::1', family: 6 },
  ]);
  expect(addressesIn(hosts, 'b')).toEqual([]);
});

it.each([
  ['store', 'search a.example b.example\noptions ndots:5', ['store.a.example', 'store.b.example', 'store']],
  ['x.y', 'search a.example', ['x.y', 'x.y.a.example']],
  ['x.y', 'domain a.example\noptions timeout:1 ndots:2', ['x.y.a.example', 'x.y']],
  ['x.y.', 'search a.example', ['x.y.']],
  ['x', '', ['x']],
])('%s is looked for as resolv.conf says', (name, configuration, candidates) => {
  expect(candidatesFor(name, configuration)).toEqual(candidates);
});
