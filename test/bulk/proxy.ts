import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way through the network that can be cut. */
export interface Proxy {
  readonly url: string;
  /** Drops what is connected, and refuses what comes. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** A proxy to a port of this machine. */
export async function startProxy(port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((client) => {
    if (!open) return client.destroy();
    const target = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(target).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      open = false;
      drop();
    },
    mend() {
      open = true;
    },
    close() {
      drop();
      server.close();
    },
  };
}
