import type { IncomingMessage, ServerResponse } from 'node:http';
import { networkOf } from '../../src/server/address.ts';
import type { BodyParts } from '../../src/server/body.ts';
import type { Peer } from '../../src/server/peer.ts';

/** Who is answered. */
export function peerOf(outgoing: ServerResponse): Peer {
  return {
    address: networkOf(outgoing.req.socket.remoteAddress ?? '') || undefined,
    body: partsOf(outgoing.req),
    answered: new Promise((resolve) => {
      // The last bytes were given to the system, which keeps few of them; or nobody reads them any more.
      outgoing.once('finish', resolve);
      outgoing.once('close', resolve);
    }),
    drop: () => void outgoing.req.socket.destroy(),
  };
}

/** After these there may be something to read, or it is known that nothing more comes. */
const news = ['readable', 'end', 'error', 'close'] as const;

/** What is not asked for stays in the connection, and is drained when the call is answered. */
function partsOf(incoming: IncomingMessage): BodyParts {
  let listening = false;
  let goOn = () => {};
  const tell = () => goOn();
  return {
    async next() {
      if (!listening) {
        // What came along with the headers is parsed by then: who sent all of it is not told to go on.
        await undefined;
        for (const event of news) incoming.on(event, tell);
        listening = true;
      }
      for (;;) {
        const part = incoming.read() as Uint8Array | null;
        if (part) return part;
        if (incoming.readableEnded) return undefined;
        if (incoming.destroyed) throw incoming.errored ?? new Error('the client has left');
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      }
    },
    cancel() {
      for (const event of news) incoming.off(event, tell);
    },
  };
}
