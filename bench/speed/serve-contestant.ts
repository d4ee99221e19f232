import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { ownProcessorTime } from './processor-time.ts';
import type { Contestant, ContestantOptions, FromContestant, ToContestant } from './protocol.ts';

/** Connects a contestant with the bench that started this process. */
export async function serveContestant(
  create: (options: ContestantOptions) => Promise<Contestant>,
): Promise<void> {
  const post = (message: FromContestant) => void process.send?.(message);
  const pictures = new Map<string, Promise<Uint8Array>>();
  const start = performance.now();
  process.once('disconnect', () => process.exit(1));
  try {
    const contestant = await create(JSON.parse(process.argv[2]!) as ContestantOptions);
    process.on('message', (message: ToContestant) => {
      receive(contestant, message).catch((error: unknown) =>
        post({
          type: 'failed',
          reason: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
        }),
      );
    });
    post({
      type: 'ready',
      description: contestant.description,
      milliseconds: performance.now() - start,
    });
  } catch (error) {
    post({ type: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : `${error}` });
  }

  async function receive(contestant: Contestant, message: ToContestant): Promise<void> {
    switch (message.type) {
      case 'answer': {
        const reading = pictures.get(message.path) ?? readFile(message.path);
        pictures.set(message.path, reading);
        const jpeg = await reading;
        const before = ownProcessorTime();
        const faces = await contestant.answer(jpeg);
        post({ type: 'answer', id: message.id, milliseconds: ownProcessorTime() - before, faces });
        return;
      }
      case 'usage': {
        const bytes = (await contestant.peakMemory?.()) ?? process.resourceUsage().maxRSS * 1024;
        const milliseconds = (await contestant.processorTime?.()) ?? ownProcessorTime();
        post({ type: 'usage', bytes, milliseconds });
        return;
      }
      case 'close':
        await contestant.close?.();
        process.exit(0);
    }
  }
}
