import { connect, type Socket } from 'node:net';

/** What a server says to bytes that are sent as they are. */
export interface Conversation {
  /** Everything that it said until it hung up, or for so long. */
  readonly said: string;
  /** The status of the last answer; 0 where there was none. */
  readonly status: number;
  /** The JSON of the last answer; undefined where it is none. */
  readonly json: { error?: { code: string; desc: string }; responses?: unknown[] } | undefined;
}

export interface ConverseOptions {
  /** Closes its own direction after sending. */
  readonly halfClose?: boolean;
  /** Milliseconds after which the client hangs up. */
  readonly patience?: number;
}

/** Sends bytes over a connection of its own, and reads until the server closes it. */
export function converse(
  url: string,
  sent: string | Uint8Array,
  { halfClose = false, patience = 20_000 }: ConverseOptions = {},
): Promise<Conversation> {
  return new Promise((resolve) => {
    const socket = open(url);
    let said = '';
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      said += text;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(understand(said));
    });
    if (halfClose) socket.end(sent);
    else socket.write(sent);
  });
}

/** A connection to a server; what goes wrong with it shows in what it said. */
export function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port), allowHalfOpen: true }).on('error', () => undefined);
}

function understand(said: string): Conversation {
  const statuses = [...said.matchAll(/(?:^|\r\n|[}\]])HTTP\/1\.1 (\d{3}) /g)];
  const [, json] = /(\{.*\})\s*(?:0\s*)?$/.exec(said) ?? [];
  return { said, status: Number(statuses.at(-1)?.[1] ?? 0), json: json ? JSON.parse(json) : undefined };
}
