import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningServer, StartServer } from './server.ts';

/** Servers started by a command line of the product: everything before `serve`. */
export function startProcess(command: string, ...args: string[]): StartServer {
  return async (config, listen = '127.0.0.1:0') => {
    const folder = await mkdtemp(join(tmpdir(), 'phiz-contract-'));
    const file = join(folder, 'phiz.ini');
    await writeFile(file, config);
    const child = spawn(command, [...args, 'serve', '--config', file, '--listen', listen], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stderr.on('data', (data) => {
      output += data;
    });
    const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (data) => {
        output += data;
        const found = /listens on (http:\S+)/.exec(output);
        if (found && output.includes('networks are loaded')) resolve(found[1]!);
      });
      void ended.then(() => reject(new Error(`the server ended before it was ready:\n${output}`)));
    });
    const server: RunningServer = {
      url,
      pid: child.pid!,
      said: () => output,
      async stop() {
        child.kill('SIGTERM');
        const code = await ended;
        await rm(folder, { recursive: true });
        return code;
      },
    };
    return server;
  };
}
