import process from 'node:process';
import { runProgram } from '../../src/cli/program.ts';
import type { NodeApiHost } from './host.ts';
import { connectNats } from './nats.ts';

/**
 * Runs the command line and ends the process when what it wrote is read. Look-ups of names, and on
 * Deno threads that compute for ever, would keep it otherwise.
 */
export async function runAndExit(host: NodeApiHost): Promise<void> {
  const fail = (error: unknown) => {
    host.stderr.write(`phiz: ${wordsFor(error)}\n`);
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  await runProgram(host, connectNats);
  await host.flush();
  process.exit();
}

/** One line for an error of the system; with its place for any other, which is a bug. */
function wordsFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
