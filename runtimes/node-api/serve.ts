import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { FetchHandler, HttpAddress, Listening } from '../../src/cli/host.ts';
import { type Refuse, refusalOf } from '../../src/server/refusal.ts';
import { type Connection, Connections } from './connections.ts';
import { listen } from './listen.ts';
import { peerOf } from './peer.ts';

export interface ServeOptions {
  /** Milliseconds for the headers of a call. */
  readonly headers?: number;
  /** Milliseconds for its body, after the headers. A handler that has a limit of its own ends sooner. */
  readonly body?: number;
  /** Told of what HTTP itself refuses; answers what is sent. */
  readonly refuse?: Refuse;
}

/** Milliseconds a client may take for each part of the answer. */
const readingTimeout = 30_000;

/** Milliseconds until a refused connection is dropped, so that its client can read why. */
const refusalTime = 1_000;

/** The reason where a client has closed its own direction in the middle of a call. */
const endMissing = 'expected the whole call';

/** Milliseconds from a client's half-close to the first look whether it is there; doubled each time. */
const firstProbe = 25;

/**
 * Serves a `fetch` handler over HTTP/1.1. Bun and Deno have servers of their own, too; but Deno's
 * knows no time limits, and with `node:http` all three behave alike towards slow and hostile clients.
 *
 * @param address port 0 takes any free one
 * @throws Error where the address cannot be listened on: what to do
 */
export async function serveHttp(
  handler: FetchHandler,
  address: HttpAddress,
  { headers = 10_000, body = 120_000, refuse = refusalOf }: ServeOptions = {},
): Promise<Listening> {
  let closing = false;
  const connections = new Connections();
  const answer = getRequestListener(
    async (incoming, env) => {
      const { outgoing } = env as { outgoing: ServerResponse };
      const response = await handler(incoming, peerOf(outgoing));
      outgoing.setTimeout(readingTimeout);
      // A client that keeps its connection would come again through it.
      if (closing && connections.of(outgoing.req.socket).waiting.length === 0) {
        response.headers.set('Connection', 'close');
      }
      return response;
    },
    {
      // HTTP/1.0 needs no Host.
      hostname: 'localhost',
      errorHandler: () => {
        const { status, headers, body } = refuse(400, 'expected a valid request target and Host');
        return new Response(body, { status, headers: { ...headers, Connection: 'close' } });
      },
    },
  );
  const server = createServer({
    headersTimeout: headers,
    requestTimeout: headers + body,
    // How often Node looks for clients beyond these: every 30 s unless told.
    connectionsCheckingInterval: headers / 2,
    // Refused by us, with a reason.
    requireHostHeader: false,
  });

  const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    connections.answerInTurn(incoming, outgoing, () => {
      const problem = headersProblem(incoming);
      if (problem === undefined) answer(incoming, outgoing);
      else send(outgoing, 400, problem);
    });
  };
  const send = (outgoing: ServerResponse, status: number, reason: string) => {
    const { body, headers } = refuse(status, reason);
    outgoing.writeHead(status, lastHeaders(headers, body)).end(body);
  };
  /** Answers on a connection on which HTTP cannot go on, and ends it. */
  const end = (socket: Socket, status: number, reason: string) => {
    const connection = connections.of(socket);
    if (connection.refused) return;
    connection.refused = true;
    const { body, headers } = refuse(status, reason);
    const write = () => {
      const lines = Object.entries(lastHeaders(headers, body))
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('');
      if (socket.writable) socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${body}`);
      setTimeout(() => socket.destroy(), refusalTime).unref();
    };
    answeredBefore(connection, write);
  };

  server.on('connection', (socket: Socket) => connections.add(socket));
  server.on('request', take);
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    continueWhenRead(incoming, outgoing);
    take(incoming, outgoing);
  });
  server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    connections.answerInTurn(incoming, outgoing, () =>
      send(outgoing, 417, 'expected no Expect but 100-continue'),
    );
  });
  server.on('connect', (_: IncomingMessage, socket: Socket) => end(socket, 405, 'this is no proxy'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else {
      const { current } = connections.of(socket);
      end(socket, ...reasonOf(error, current && !current.incoming.complete ? { body } : { headers }));
    }
  });
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket: Socket) => {
    socket.on('end', () => {
      const { current } = connections.of(socket);
      if (!current) return;
      if (current.incoming.complete) findDeparted(connections.of(socket));
      // Deno's parser says nothing of it; after those of Node and Bun nothing is left to do.
      else end(socket, 400, endMissing);
    });
  });

  const url = await listen(server, address);
  return {
    url,
    close: async (patience) => {
      closing = true;
      const cutOff = setTimeout(() => server.closeAllConnections(), patience);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        connections.close();
      });
      clearTimeout(cutOff);
    },
  };
}

/** The headers of an answer after which the connection closes. */
const lastHeaders = (headers: Readonly<Record<string, string>>, body: string) => ({
  ...headers,
  'Content-Length': Buffer.byteLength(body),
  Connection: 'close',
});

/** The fault of the headers that name a request's host and length; undefined where there is none. */
function headersProblem({ httpVersion, rawHeaders, headers }: IncomingMessage): string | undefined {
  const count = (wanted: string) =>
    rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === wanted).length;
  const hosts = count('host');
  if (hosts > 1 || headers.host?.includes(',')) return 'expected one Host header';
  if (headers.host && !/^[\x21-\x7e]{1,1024}$/.test(headers.host)) return 'expected a Host in ASCII';
  if (hosts === 0 && httpVersion !== '1.0') return 'expected a Host header';
  // Where the runtime's parser lets several pass.
  if (count('content-length') > 1 || !/^\d*$/.test(headers['content-length'] ?? '')) {
    return 'expected one Content-Length in bytes';
  }
  return undefined;
}

/** Has a client that asked first told to go on when its body is read: not where it is refused unread. */
function continueWhenRead(incoming: IncomingMessage, outgoing: ServerResponse): void {
  let told = false;
  const { _read: read } = incoming;
  incoming._read = (size) => {
    if (!told && !outgoing.headersSent) outgoing.writeContinue();
    told = true;
    read.call(incoming, size);
  };
  // Whether a body follows a refusal cannot be known.
  const { writeHead } = outgoing;
  outgoing.writeHead = ((...args: Parameters<typeof writeHead>) => {
    if (!told) outgoing.shouldKeepAlive = false;
    told = true;
    return writeHead.apply(outgoing, args);
  }) as typeof writeHead;
}

/**
 * Finds out whether a client that has closed its own direction still waits for its answer: one that has
 * left looks the same until it is written to. One that keeps its connection for more calls would hardly
 * half-close it: it is sent "100 Continue", which HTTP/1.1 lets it ignore, until its answer begins.
 */
function findDeparted(connection: Connection, delay = firstProbe): void {
  setTimeout(() => {
    const { current, socket } = connection;
    if (!current || socket.destroyed || current.outgoing.headersSent) return;
    const { httpVersion, headers } = current.incoming;
    if (httpVersion === '1.0' || headers.connection?.toLowerCase() === 'close') return;
    current.outgoing.writeContinue();
    findDeparted(connection, 2 * delay);
  }, delay).unref();
}

/** Calls back when what a connection has asked completely is answered: at once where there is nothing. */
function answeredBefore(connection: Connection, listener: () => void): void {
  if (connection.current?.incoming.complete) connection.whenAnswered = listener;
  else if (connection.current?.outgoing.headersSent) connection.socket.destroy();
  else listener();
}

/** Status and words for an error below HTTP's own. @param late what did not come in time, and its milliseconds */
function reasonOf(
  { code }: NodeJS.ErrnoException,
  late: { readonly headers: number } | { readonly body: number },
): [status: number, reason: string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'headers' in late
        ? [408, `expected the headers within ${late.headers} ms`]
        : [408, `expected the body within ${late.body} ms of the headers`];
    case 'HPE_INVALID_EOF_STATE':
      return [400, endMissing];
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'expected headers of at most 16384 bytes'];
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return [413, 'expected chunk extensions of at most 16384 bytes'];
    default:
      return [400, 'expected a call in valid HTTP/1.1'];
  }
}
