import { inHex, sha256 } from '../digest.ts';
import { PhizError } from '../errors.ts';
import type { Log } from '../log.ts';
import { answerMessage, errorAnswer, type MessageContext } from './answer-message.ts';
import type { AnswerSettings, Delivery, WorkerQueue, WorkerStatus } from './queue.ts';

/** Messages in hand for each instance: one at work, one at hand. */
const inHandPerInstance = 2;
/** Share of the queue's patience after which it is told that a request is still worked on. */
const workingShare = 1 / 3;
/** Milliseconds before another try: after an attempt, twice as many after the next, and at most. */
const firstDelay = 1_000;
const longestDelay = 60_000;
/** Milliseconds between two looks at a queue that cannot be reached. */
const unreachablePause = 1_000;
/** Milliseconds between two looks at the settings of the queue. */
const settingsInterval = 10_000;
/** Milliseconds of which the rate is told. */
const rateWindow = 60_000;

export interface WorkerOptions {
  readonly queue: WorkerQueue;
  /** Without {@link MessageContext.stored}, which the queue is. */
  readonly context: Omit<MessageContext, 'stored'>;
  readonly instances: number;
  /** Its name among the workers. */
  readonly worker: string;
  readonly version: string;
  readonly settings: AnswerSettings;
  /** Attempts at a request before it goes to the failures. */
  readonly attempts: number;
  readonly log: Log;
  /** Resolves when the worker is to stop: what it has in hand is answered. */
  readonly stop: Promise<unknown>;
}

/** The queue's answers are made with other settings than this worker has. */
export class OtherSettings extends Error {
  override readonly name = 'OtherSettings';
}

/**
 * Answers requests until it is told to stop.
 *
 * @returns how it did
 * @throws OtherSettings where vectors of one network would be mixed with those of another
 */
export async function work(options: WorkerOptions): Promise<WorkerStatus> {
  const { queue, log, instances, attempts } = options;
  const own = await settingsId(options.settings);
  await checkSettings(options);
  const began = performance.now();
  const recent: number[] = [];
  const inHand = new Set<Promise<void>>();
  let [done, failed] = [0, 0];
  let stopping = false;
  let misfit: unknown;
  let reached = true;
  const context: MessageContext = {
    ...options.context,
    stored: (bucket, name) => queue.readObject(bucket, name, options.context.config.fetch.size_limit),
  };

  const status = (): WorkerStatus => {
    const now = performance.now();
    while (recent.length > 0 && now - recent[0]! > rateWindow) recent.shift();
    const window = Math.max(1, Math.min(rateWindow, now - began));
    return {
      worker: options.worker,
      instances,
      inHand: inHand.size,
      done,
      failed,
      rate: Math.round((10 * 1_000 * recent.length) / window) / 10,
      up: Math.round((now - began) / 1_000),
      settings: own,
      version: options.version,
    };
  };
  queue.onStatus(status);

  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = () => {
      stopping = true;
      resolve();
    };
  });
  void options.stop.then(end);
  const watch = setInterval(() => {
    checkSettings(options).catch((error: unknown) => {
      if (!(error instanceof OtherSettings)) return;
      misfit = error;
      end();
    });
  }, settingsInterval);

  // As many pulls as it can have in hand: what it cannot work on stays for others.
  const pulls = Array.from({ length: inHandPerInstance * instances }, pullOn);
  await ended;
  clearInterval(watch);
  await Promise.all(inHand);
  // A pull that still waits ends with the connection; what comes to it meanwhile is given back.
  void pulls;
  if (misfit) throw misfit;
  return status();

  async function pullOn(): Promise<void> {
    while (!stopping) {
      let delivery: Delivery | undefined;
      try {
        delivery = await queue.pull();
        if (!reached) log('info', 'queue reached again');
        reached = true;
      } catch (error) {
        if (stopping) return;
        if (reached) log('warn', 'queue not reached', { reason: (error as Error).message });
        reached = false;
        await new Promise((resolve) => setTimeout(resolve, unreachablePause));
      }
      if (!delivery) continue;
      if (stopping) return delivery.giveBack(0);
      const handled = handle(delivery);
      inHand.add(handled);
      await handled;
      inHand.delete(handled);
    }
  }

  async function handle(delivery: Delivery): Promise<void> {
    const beat = setInterval(() => delivery.working(), workingShare * queue.patience);
    try {
      const outcome =
        delivery.attempt > attempts
          ? { again: 'no worker outlived it' }
          : await answerMessage(delivery, context);
      if ('answer' in outcome) {
        await delivery.answer({ ...outcome.answer, settings: own });
        count(outcome.failed);
      } else if (delivery.attempt < attempts) {
        const delay = Math.min(longestDelay, firstDelay * 2 ** (delivery.attempt - 1));
        log('warn', 'request given back', { id: delivery.id, reason: outcome.again, delay });
        delivery.giveBack(delay);
      } else {
        const reason = `given up after ${attempts} attempts: ${outcome.again}`;
        log('error', 'request given up', { id: delivery.id, reason: outcome.again });
        await delivery.fail(reason);
        await delivery.answer({ ...errorAnswer(new PhizError('INTERNAL', reason)), settings: own });
        count(true);
      }
    } catch (error) {
      // The queue did not take the answer. Whoever gets the request next publishes the same.
      log('warn', 'answer not delivered', { id: delivery.id, reason: (error as Error).message });
      delivery.giveBack(firstDelay);
    } finally {
      clearInterval(beat);
    }
  }

  function count(withError: boolean): void {
    done++;
    if (withError) failed++;
    recent.push(performance.now());
  }
}

/** @throws OtherSettings */
async function checkSettings({ queue, settings }: WorkerOptions): Promise<void> {
  const wanted = await queue.settings(settings);
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(settings)])];
  const different = keys.filter((key) => JSON.stringify(wanted[key]) !== JSON.stringify(settings[key]));
  if (different.length === 0) return;
  const told = different.map(
    (key) => `${key} is ${JSON.stringify(settings[key])} here and ${JSON.stringify(wanted[key])} there`,
  );
  throw new OtherSettings(
    `the queue's answers are made with other settings: ${told.join('; ')}. Change them here, or for all ` +
      'workers with "phiz work --setup"',
  );
}

/** Few characters that tell settings from others. */
async function settingsId(settings: AnswerSettings): Promise<string> {
  const digest = await sha256(new TextEncoder().encode(JSON.stringify(settings)));
  return inHex(digest.subarray(0, 6));
}
