import { type AnswerLine, lineOf } from '../../bulk/collect.ts';
import type { ConnectNats } from '../../bulk/connect.ts';
import { checkName } from '../../bulk/names.ts';
import type { Collected } from '../../bulk/queue.ts';
import { messageOf } from '../../errors.ts';
import type { Host } from '../host.ts';
import type { LineHead } from '../output/journal.ts';
import { fileOutput, type OutputFormat, streamOutput } from '../output/output.ts';
import { type OutputLine, picturesOf } from '../output/table.ts';
import { createBulkProgress } from '../progress.ts';
import { openQueue, type QueueFlags } from './open-queue.ts';

/** Milliseconds between two looks at a queue that cannot be reached. */
const unreachablePause = 1_000;

export interface CollectCommand extends QueueFlags {
  /** Whose answers; undefined: those of all batches. */
  readonly batch?: string;
  readonly out?: string;
  readonly format: OutputFormat;
  /** True: goes on when all answers are there. */
  readonly follow?: true;
}

/** A line that an earlier run wrote has the request's id. */
const headOf = (line: OutputLine & { readonly id?: unknown }): LineHead | undefined =>
  typeof line.id === 'string' ? { key: line.id, state: 'collected' } : undefined;

/**
 * Writes answers as they come, each once, and takes them out of the queue when they are safe.
 *
 * @returns how many have an error
 * @throws Error where the output cannot be written: what was not, stays in the queue.
 */
export async function collectAnswers(
  host: Host,
  connectNats: ConnectNats,
  { out, format, batch, follow, ...flags }: CollectCommand,
): Promise<number> {
  if (batch !== undefined) checkName('batch', batch);
  const { queue, close } = await openQueue(host, connectNats, flags);
  let stopped = false;
  host.onStop(() => {
    stopped = true;
  });
  const settings = new Set<string>();
  let failures = 0;
  try {
    const side = await queue.collector(batch);
    const output =
      out === undefined ? streamOutput(host, format) : await fileOutput(host, out, format, headOf);
    const left = () => side.left((id) => output.knows(id));
    const total = await left();
    const progress = createBulkProgress(host.stderr, async () => (follow ? undefined : total));
    let reached = true;
    while (!stopped) {
      try {
        const taken = await side.take();
        reached = true;
        if (taken.length === 0) {
          if (!follow && (await left()) === 0) break;
          continue;
        }
        await writeAll(taken);
      } catch (error) {
        if (error instanceof OutputLost) throw error.cause;
        progress.clear();
        if (reached) host.stderr.write(`phiz: the queue is not reached: ${messageOf(error)}; trying again\n`);
        reached = false;
        await new Promise((resolve) => setTimeout(resolve, unreachablePause));
      }
    }
    await output.finish();
    await side.close();
    progress.clear();
    if (out !== undefined || host.stderr.columns !== undefined) host.stderr.write(`${progress.summary()}\n`);
    if (settings.size > 1) {
      host.stderr.write(
        `phiz: the answers were made with ${settings.size} different settings: their vectors may not be alike\n`,
      );
    }
    return failures;

    async function writeAll(taken: readonly Collected[]): Promise<void> {
      const fresh = new Map<string, AnswerLine>();
      for (const answer of taken) {
        if (answer.settings !== '') settings.add(answer.settings);
        // One whose word that it was written got lost comes again.
        if (!output.knows(answer.id)) fresh.set(answer.id, lineOf(answer));
      }
      try {
        await output.write([...fresh].map(([key, line]) => ({ key, state: 'collected', line })));
        await output.sync();
      } catch (cause) {
        throw new OutputLost('the output was not written', { cause });
      }
      for (const answer of taken) answer.done();
      for (const line of fresh.values()) {
        const pictures = picturesOf(line);
        const failed = pictures.some(({ error }) => error);
        progress.clear();
        if (failed) failures++;
        progress.advance({ faces: pictures.reduce((sum, { faces }) => sum + faces.length, 0), failed });
      }
    }
  } finally {
    await close();
  }
}

/** Tells what went wrong with the output from what went wrong with the queue. */
class OutputLost extends Error {}
