import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server behaves; a number breaks a response off after so many bytes of its body. */
export interface Behaviour {
  readonly file: Uint8Array;
  /** Default true. */
  readonly ranges?: boolean;
  /** Whether it says how long the file is. Default true. */
  readonly length?: boolean;
  /** For the first request, the second and so on. */
  readonly breakAfter?: readonly (number | undefined)[];
  /** Statuses of the first answers, without a file. */
  readonly refusals?: readonly number[];
  /** The first request gets this many bytes, and then nothing. */
  readonly stallAfter?: number;
  /** Keeps back the second half of every file until so many requests have come. */
  readonly together?: number;
  /** Goes on this many bytes later than asked. */
  readonly shift?: number;
}

/** A real HTTP server on loopback that serves one file, with what goes wrong in the world. */
export async function serveFile(behaviour: Behaviour) {
  const ranges: (string | undefined)[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) =>
    answer(request, response).catch(() => response.destroy()),
  );

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/moved') {
      response.writeHead(302, { Location: '/file.onnx' }).end();
      return;
    }
    const turn = ranges.length;
    ranges.push(request.headers.range);
    const refusal = behaviour.refusals?.[turn];
    if (refusal !== undefined) {
      response.writeHead(refusal).end('not now');
      return;
    }
    const { file } = behaviour;
    const asked = behaviour.ranges === false ? undefined : request.headers.range;
    const from = asked === undefined ? 0 : Number(/bytes=(\d+)-/.exec(asked)![1]) + (behaviour.shift ?? 0);
    if (from >= file.length) {
      response.writeHead(416, { 'Content-Range': `bytes */${file.length}` }).end();
      return;
    }
    const body = file.subarray(from);
    response.writeHead(asked === undefined ? 200 : 206, {
      ...(behaviour.length !== false && { 'Content-Length': body.length }),
      ...(asked !== undefined && {
        'Content-Range': `bytes ${from}-${file.length - 1}/${file.length}`,
      }),
    });
    const end = behaviour.breakAfter?.[turn];
    if (end !== undefined) {
      await new Promise((resolve) => response.write(body.subarray(0, end), resolve));
      // The client has time to read what was written before the connection goes.
      setTimeout(() => response.destroy(), 100);
    } else if (behaviour.stallAfter !== undefined && turn === 0) {
      response.write(body.subarray(0, behaviour.stallAfter));
    } else if (behaviour.together !== undefined) {
      const half = body.length / 2;
      response.write(body.subarray(0, half));
      waiting.push(() => response.end(body.subarray(half)));
      if (ranges.length >= behaviour.together) for (const goOn of waiting.splice(0)) goOn();
    } else {
      response.end(body);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/file.onnx`,
    /** The header Range of every request. */
    ranges,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
