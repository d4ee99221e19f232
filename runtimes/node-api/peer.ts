import type { ServerResponse } from 'node:http';
import { networkOf } from '../../src/server/address.ts';
import type { Peer } from '../../src/server/peer.ts';

/** Who is answered. */
export function peerOf(outgoing: ServerResponse): Peer {
  return {
    address: networkOf(outgoing.req.socket.remoteAddress ?? '') || undefined,
    answered: new Promise((resolve) => {
      // The last bytes were given to the system, which keeps few of them; or nobody reads them any more.
      outgoing.once('finish', resolve);
      outgoing.once('close', resolve);
    }),
    drop: () => void outgoing.req.socket.destroy(),
  };
}
