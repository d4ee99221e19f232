import type { Log } from './log.ts';
import { defaultSettings, type InstanceSettings } from './pipeline/settings.ts';
import type { Platform } from './platform.ts';
import { Pool } from './pool/pool.ts';

export interface EngineOptions extends Partial<InstanceSettings> {
  /** How many sets of networks work side by side; 0, the default: one for each core. */
  readonly instances?: number;
  /** Pictures that may wait besides those at work; more are refused with OVERLOADED. Default 64. */
  readonly queue?: number;
  /** Bytes that the calls in progress may hold. Default 256 MiB. */
  readonly queueBytes?: number;
  /** Where events go. Default: nowhere. */
  readonly log?: Log;
}

/** An engine on what a runtime hands in. Resolves when the first instance is loaded. */
export async function createEngine(platform: Platform, options: EngineOptions = {}): Promise<Pool> {
  const pool = startEngine(platform, options);
  await pool.ready;
  return pool;
}

/** Like {@link createEngine}, but answers while the networks still load. */
export function startEngine(platform: Platform, options: EngineOptions = {}): Pool {
  const { instances = 0, queue, queueBytes, log, ...settings } = options;
  if (!platform.startThread) throw new Error(`${platform.name} has no threads to run an engine in`);
  return new Pool({
    platform,
    startThread: platform.startThread,
    settings: { ...defaultSettings, ...settings },
    instances,
    ...(queue !== undefined && { waiting: queue }),
    ...(queueBytes !== undefined && { bytes: queueBytes }),
    ...(log && { log }),
  });
}
