import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { breath, foresee, onLongTurn } from '../../src/pool/breathe.ts';
import { networkOf } from '../../src/server/address.ts';
import { paceParser } from './pace-parser.ts';

/** Connections at a time: a bound on memory. */
const mostConnections = 4_096;

/** Of one address (IPv6: of one /64), so that no peer shuts out the others. */
const mostOfAddress = 1_024;

/** Requests that may wait on one connection for those before them, and on all together. */
const mostWaitingOnOne = 256;
const mostWaiting = 2_048;

/** Milliseconds that a client takes which leaves before it is answered: for its call to end everywhere. */
const leaving = 0.25;

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** One client's connection. */
export interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** The request that is being answered. */
  current: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse } | undefined;
  /** Requests that were sent after it, in their order. */
  readonly waiting: (() => void)[];
  /** True: its further bytes are not looked at. */
  refused: boolean;
  /** Called when the request at work is answered. */
  whenAnswered: (() => void) | undefined;
}

/**
 * The connections of a server. Each has one request answered at a time, however many it sends ahead.
 * Where there are too many, the one that has been idle longest makes room: of the address that is over
 * its share, else of the address with the most. So a probe gets through beside any number of idle ones.
 */
export class Connections {
  readonly #known = new WeakMap<Socket, Connection>();
  readonly #all = new Set<Connection>();
  readonly #counts = new Map<string, number>();
  /** Without a request in progress, by address, the longest first. */
  readonly #idle = new Map<string, Set<Connection>>();
  #waiting = 0;
  readonly #stopListening = onLongTurn(() => this.#readLater());

  /** Takes a new connection, or closes it where no other can make room. */
  add(socket: Socket): void {
    const address = networkOf(socket.remoteAddress ?? '');
    const crowded = (this.#counts.get(address) ?? 0) >= mostOfAddress;
    if ((crowded || this.#all.size >= mostConnections) && !this.#makeRoom(crowded ? address : undefined)) {
      socket.destroy();
      return;
    }
    const connection = this.#enter(socket, address);
    paceParser(socket, () => connection.refused || socket.destroyed);
    // A thousand that leave at once are not all seen off in one turn.
    for (const event of ['end', 'error']) socket.on(event, () => foresee(leaving));
  }

  of(socket: Socket): Connection {
    return this.#known.get(socket) ?? this.#enter(socket, networkOf(socket.remoteAddress ?? ''));
  }

  /** Has a request answered when those before it on its connection are. */
  answerInTurn(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer): void {
    const connection = this.of(incoming.socket);
    if (connection.refused) return;
    const begin = () => {
      connection.current = { incoming, outgoing };
      // Either comes first, by runtime.
      const done = () => {
        if (connection.current?.outgoing === outgoing) this.#answered(connection);
      };
      outgoing.once('close', done);
      outgoing.once('finish', done);
      // A thousand that come at once are not all looked at in one turn.
      const time = breath();
      if (!time) return answer(incoming, outgoing);
      void time.then(() => {
        if (connection.current?.outgoing === outgoing) answer(incoming, outgoing);
      });
    };
    if (!connection.current) {
      this.#idle.get(connection.address)?.delete(connection);
      begin();
    } else if (connection.waiting.length < mostWaitingOnOne && this.#waiting < mostWaiting) {
      connection.waiting.push(begin);
      this.#waiting++;
    } else {
      connection.refused = true;
      connection.socket.destroy();
    }
  }

  /** Takes no more: closes the connections that have no request in progress. */
  close(): void {
    this.#stopListening();
    for (const idle of this.#idle.values()) for (const { socket } of idle) socket.destroy();
  }

  #enter(socket: Socket, address: string): Connection {
    const connection: Connection = {
      socket,
      address,
      current: undefined,
      waiting: [],
      refused: false,
      whenAnswered: undefined,
    };
    this.#known.set(socket, connection);
    this.#all.add(connection);
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
    this.#rest(connection);
    socket.once('close', () => this.#leave(connection));
    return connection;
  }

  #leave(connection: Connection): void {
    const { address, waiting } = connection;
    this.#all.delete(connection);
    this.#waiting -= waiting.length;
    waiting.length = 0;
    this.#idle.get(address)?.delete(connection);
    const left = this.#counts.get(address)! - 1;
    this.#counts.set(address, left);
    if (left > 0) return;
    this.#counts.delete(address);
    this.#idle.delete(address);
  }

  /** Leaves what has come on all connections for the next turn; Node would read from each in this one. */
  #readLater(): void {
    const paused = [...this.#all].filter(({ socket }) => 'parser' in socket && !socket.isPaused());
    for (const { socket } of paused) socket.pause();
    setTimeout(() => {
      for (const { socket } of paused) socket.resume();
    });
  }

  #answered(connection: Connection): void {
    connection.current = undefined;
    const next = connection.waiting.shift();
    if (next) {
      this.#waiting--;
      next();
    } else if (connection.whenAnswered) connection.whenAnswered();
    else if (!connection.socket.destroyed) this.#rest(connection);
  }

  #rest(connection: Connection): void {
    const idle = this.#idle.get(connection.address) ?? new Set();
    idle.add(connection);
    this.#idle.set(connection.address, idle);
  }

  /** Closes an idle connection of an address, else of the one that has the most. */
  #makeRoom(address?: string): boolean {
    let from = address === undefined ? undefined : this.#idle.get(address);
    if (address === undefined) {
      for (const idle of this.#idle.values()) if (idle.size > (from?.size ?? 0)) from = idle;
    }
    const [oldest] = from ?? [];
    if (!oldest) return false;
    from!.delete(oldest);
    oldest.refused = true;
    oldest.socket.destroy();
    return true;
  }
}
