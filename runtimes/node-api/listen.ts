import { lookup } from 'node:dns/promises';
import { lstat, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, isIPv6, type ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import process from 'node:process';
import type { HttpAddress } from '../../src/cli/host.ts';

/** The first descriptor that systemd passes; sd_listen_fds(3). */
const firstPassed = 3;

/**
 * Listens where it is told, or on the socket that systemd has opened for this process.
 *
 * @returns the address as a URL, with the port that was really taken; `unix:/path` for a socket of files
 * @throws Error with what to do
 */
export async function listen(server: Server, address: HttpAddress): Promise<string> {
  if (isActivated()) await tryListen(server, { fd: firstPassed });
  else if ('path' in address) await listenOnPath(server, address.path);
  else await tryListen(server, address);
  const taken = server.address();
  if (taken === null || typeof taken === 'string') return `unix:${taken ?? nameOf(address)}`;
  return `http://${isIPv6(taken.address) ? `[${taken.address}]` : taken.address}:${taken.port}/`;
}

/** True where systemd passes a socket. A runtime that may not look into the environment has none. */
function isActivated(): boolean {
  try {
    return Number(process.env.LISTEN_FDS) > 0 && Number(process.env.LISTEN_PID) === process.pid;
  } catch {
    return false;
  }
}

/** A socket that a process has left behind makes room; one on which somebody answers does not, nor does any other file. */
async function listenOnPath(server: Server, path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isSocket())
    throw new Error(`cannot listen on ${nameOf({ path })}: what is there is no socket. Choose another path`);
  if (await isLeftBehind(path)) await rm(path);
  // Who may enter the folder may call, as whoever is on the machine may on loopback.
  await tryListen(server, { path, readableAll: true, writableAll: true });
}

function isLeftBehind(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    }).on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}

async function tryListen(server: Server, where: ListenOptions & { fd?: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = async (error: NodeJS.ErrnoException) =>
      reject(new Error(whyNot(await plainer(error, where), where), { cause: error }));
    server.once('error', fail);
    server.listen(where, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/**
 * The error of a name without an address, or of a folder that is not there, in the place of what a
 * runtime makes of these: Bun any error (ENOTTY, EINVAL) of the first, Node EACCES of the second.
 */
async function plainer(
  error: NodeJS.ErrnoException,
  { host, path }: ListenOptions,
): Promise<NodeJS.ErrnoException> {
  try {
    if (host !== undefined) await lookup(host);
    if (path !== undefined) await stat(dirname(path));
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENOENT') return reason as Error;
  }
  return error;
}

function whyNot({ code, message }: NodeJS.ErrnoException, where: ListenOptions & { fd?: number }): string {
  const name = where.fd === undefined ? nameOf(where as HttpAddress) : 'the socket that systemd passed';
  switch (code) {
    case 'EADDRINUSE':
      return `cannot listen on ${name}: it is in use. Stop what listens there${
        where.port === undefined ? '' : ` (ss -ltnp 'sport = :${where.port}' names it)`
      }, or choose another address with --listen`;
    case 'EACCES':
    case 'EPERM':
      return `cannot listen on ${name}: it is not permitted. Ports below 1024 need CAP_NET_BIND_SERVICE, a path needs a folder that may be written to`;
    case 'EADDRNOTAVAIL':
      return `cannot listen on ${name}: this machine has no such address. *:PORT is every one that it has`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `cannot listen on ${name}: the name has no address`;
    case 'ENOENT':
      return `cannot listen on ${name}: there is no such folder`;
    default:
      return `cannot listen on ${name}: ${message}`;
  }
}

function nameOf(address: HttpAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}
