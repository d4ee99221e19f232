import { type ConnectNats, NoServer } from '../../bulk/connect.ts';
import { defaultLimits, type QueueLimits } from '../../bulk/nats-queue.ts';
import { type AnswerSettings, QueueMissing, type QueueStatus, type WorkerQueue } from '../../bulk/queue.ts';
import { OtherSettings, work } from '../../bulk/work.ts';
import { ConfigError, type LoadedConfig } from '../../config/load.ts';
import { createEngineOn, type EngineOptions, networkChoice } from '../../create-engine.ts';
import { inHex } from '../../digest.ts';
import { messageOf } from '../../errors.ts';
import { jsonLog, type Log } from '../../log.ts';
import type { Catalogue } from '../../pipeline/catalogue.ts';
import { chooseNetworks } from '../../pipeline/choose-networks.ts';
import { answerRules } from '../../server/answer.ts';
import { engineOptions } from '../engine-options.ts';
import type { Host } from '../host.ts';
import { formatBytes } from '../models/format-bytes.ts';
import { version } from '../version.ts';
import { type OpenQueue, openQueue, type QueueFlags } from './open-queue.ts';

/** Milliseconds between two tries to join a queue that cannot be reached. */
const unreachablePause = 1_000;

/** The flags of `--setup`. */
export interface SetupFlags {
  /** Bytes. */
  readonly bytes?: number;
  /** Minutes. */
  readonly window?: number;
  /** Hours. */
  readonly keep?: number;
  readonly replicas?: number;
}

/** `phiz work`: answers requests until the process is asked to stop, and everything in hand is answered. */
export async function startWorker(
  host: Host,
  connectNats: ConnectNats,
  loaded: LoadedConfig,
  flags: QueueFlags & { readonly name?: string; readonly attempts: number },
): Promise<void> {
  const { config } = loaded;
  const log = jsonLog((line) => host.stderr.write(line), config.log_level);
  const stopAsked = new Promise<undefined>((resolve) => host.onStop(() => resolve(undefined)));
  const options = await engineOptions(host, loaded);
  const joined = await Promise.race([join(host, connectNats, flags, log), stopAsked]);
  if (!joined) return;
  const { side, close, ended } = joined;
  let lost: Error | undefined;
  const stop = Promise.race([stopAsked, ended.then((reason) => (lost = reason))]);
  try {
    const engine = await createEngineOn(host.platform, { ...options, log });
    try {
      const { instances } = engine.status;
      const worker = flags.name ?? randomName();
      host.stdout.write(`phiz works as ${worker} on the queue ${flags.queue} at ${shown(flags.nats)}\n`);
      log('info', 'working', { worker, queue: flags.queue, instances });
      const { done, failed } = await work({
        queue: side,
        context: { engine, config, rules: answerRules(config), transport: host.transport },
        instances,
        worker,
        version,
        settings: answerSettings(host.platform.catalogue, loaded, options),
        attempts: flags.attempts,
        log,
        stop,
      });
      log('info', 'stopped', { worker, done, failed });
      if (lost) throw new Error(`the NATS server ended the connection: ${lost.message}`, { cause: lost });
    } finally {
      await engine.close();
    }
  } catch (error) {
    throw error instanceof OtherSettings ? new ConfigError(error.message, { cause: error }) : error;
  } finally {
    await close();
  }
}

/** The worker's side of a queue, however long it is away. @throws Error where there will be none */
async function join(
  host: Host,
  connectNats: ConnectNats,
  flags: QueueFlags,
  log: Log,
): Promise<Pick<OpenQueue, 'close' | 'ended'> & { readonly side: WorkerQueue }> {
  // The first try tells what is wrong with the server; those after it wait until it is there.
  for (let patient = false; ; ) {
    let opened: OpenQueue | undefined;
    try {
      opened = await openQueue(host, connectNats, flags, patient);
      const { close, ended } = opened;
      return { side: await opened.queue.worker(), close, ended };
    } catch (error) {
      await opened?.close();
      const isFinal = error instanceof QueueMissing || error instanceof ConfigError;
      if (isFinal || (error instanceof NoServer && patient)) throw error;
      log('warn', 'queue not reached', { reason: messageOf(error) });
      patient = true;
    }
    await new Promise((resolve) => setTimeout(resolve, unreachablePause));
  }
}

/** `phiz work --setup`. */
export async function setUp(
  host: Host,
  connectNats: ConnectNats,
  loaded: LoadedConfig,
  flags: QueueFlags & SetupFlags,
): Promise<void> {
  const limits: QueueLimits = {
    bytes: flags.bytes ?? defaultLimits.bytes,
    window: flags.window === undefined ? defaultLimits.window : flags.window * 60_000,
    keep: flags.keep === undefined ? defaultLimits.keep : flags.keep * 3_600_000,
    replicas: flags.replicas ?? defaultLimits.replicas,
  };
  const options = await engineOptions(host, loaded);
  const { queue, close } = await openQueue(host, connectNats, flags);
  try {
    await queue.setUp(limits, answerSettings(host.platform.catalogue, loaded, options));
    const { roots, pictures } = queue.names;
    host.stdout.write(`The queue ${flags.queue} is set up at ${shown(flags.nats)}.

  requests  ${roots.requests}.v1.<batch> and .v2.<batch>, up to ${formatBytes(limits.bytes)}
  answers   ${roots.answers}.<version>.<batch>, up to ${formatBytes(limits.bytes)}
  failures  ${roots.failures}.<version>.<batch>, for ${limits.keep / 3_600_000} hours
  pictures  object:${pictures}/<name>, for ${limits.keep / 3_600_000} hours
`);
  } finally {
    await close();
  }
}

/** `phiz work --status`. */
export async function writeStatus(
  host: Host,
  connectNats: ConnectNats,
  flags: QueueFlags,
  asJson: boolean,
): Promise<void> {
  const { queue, close } = await openQueue(host, connectNats, flags);
  try {
    const status = await queue.status();
    host.stdout.write(asJson ? `${JSON.stringify(status)}\n` : describeStatus(status));
  } finally {
    await close();
  }
}

function describeStatus(status: QueueStatus): string {
  const { pending, inProgress, done, failed, answers, bytes, workers } = status;
  const rate = workers.reduce((sum, worker) => sum + worker.rate, 0);
  const lines = [
    `pending      ${pending}`,
    `in progress  ${inProgress}`,
    `done         ${done}, of which ${failed} were given up`,
    `to collect   ${answers}`,
    `kept         ${formatBytes(bytes)}`,
    `workers      ${workers.length}, ${rate.toFixed(1)} requests/s`,
    ...workers.map(
      (each) =>
        `  ${each.worker}  ${each.rate.toFixed(1)}/s, ${each.instances} instances, ${each.inHand} in hand, ` +
        `${each.done} done, ${each.failed} with errors, up ${each.up} s, settings ${each.settings}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** The settings of a configuration that change answers: all but addresses and limits of work. */
function answerSettings(
  catalogue: Catalogue,
  { config }: LoadedConfig,
  options: EngineOptions,
): AnswerSettings {
  const {
    listen: _listen,
    allow_cors: _cors,
    allowed_hosts: _hosts,
    auth: _auth,
    fetch: _fetch,
    limits: _limits,
    log_level: _level,
    model_instances: _instances,
    models: _models,
    ticker_interval: _ticker,
    ...settings
  } = config;
  const networks = [...chooseNetworks(catalogue, networkChoice(options))].map(([role, chosen]) => [
    role,
    chosen.map(({ manifest }) => manifest.id),
  ]);
  // As JSON has it: it is compared with what comes back from the queue.
  return JSON.parse(JSON.stringify({ ...settings, networks: Object.fromEntries(networks) }));
}

/** A URL without its password. */
const shown = (servers: string) => servers.replace(/\/\/[^@/,]*@/g, '//');

const randomName = (): string => inHex(crypto.getRandomValues(new Uint8Array(4)));
