import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real nats-server with JetStream on a port of its own, which can die and come back. */
export interface NatsServer {
  readonly port: number;
  readonly url: string;
  /** As a crash or a power cut ends it; resolves when it is gone. */
  kill(): Promise<void>;
  /** With what it had on its disk. */
  restart(): Promise<void>;
  /** For good, with all that it had. */
  stop(): Promise<void>;
}

/** Milliseconds for it to listen. */
const patience = 20_000;

/** @throws Error where nats-server (of the Debian package of that name) is not installed */
export async function startNatsServer(): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'phiz-nats-'));
  let child = await start('-1');
  const port = await portOf();
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    async restart() {
      child = await start(String(port));
      await portOf();
    },
    async stop() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function start(wanted: string): Promise<ChildProcess> {
    await rm(join(folder, 'log'), { force: true });
    const args = ['-js', '-sd', folder, '-a', '127.0.0.1', '-p', wanted, '-l', join(folder, 'log')];
    // Debian has it where only the administrator's path leads.
    const PATH = `${process.env.PATH}:/usr/sbin`;
    const started = spawn('nats-server', args, { stdio: 'ignore', env: { ...process.env, PATH } });
    await Promise.race([
      once(started, 'spawn'),
      once(started, 'error').then(([error]) => {
        throw new Error('nats-server is needed: apt-get install nats-server', { cause: error });
      }),
    ]);
    return started;
  }

  async function portOf(): Promise<number> {
    for (let waited = 0; waited < patience; waited += 50) {
      const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
      const found = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(log);
      if (found && log.includes('Server is ready')) return Number(found[1]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('nats-server does not listen');
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
