import { readFile } from 'node:fs/promises';
import process from 'node:process';
import sharp from 'sharp';
import { createInstance, portsOf } from '../../../src/pipeline/create-instance.ts';
import { defaultSettings } from '../../../src/pipeline/settings.ts';
import { createBenchPlatform } from '../platform.ts';
import { ownProcessorTime } from '../processor-time.ts';
import { startService } from '../service.ts';
import { measureLimits, type PeakRates } from './limits.ts';
import { Meter } from './meter.ts';
import { type ProfiledStep, profilePicture } from './steps.ts';

/** Options that the profiling process is started with. */
export interface ProfileOptions {
  readonly checkout: string;
  readonly paths: readonly string[];
  readonly rounds: number;
  /** Rounds before anything counts: threads that optimise code use the processor, too. */
  readonly warmRounds: number;
  /** Calls that a service has answered before anything counts. */
  readonly callsBefore: number;
}

/** Where the time of the work goes on one core. */
export interface Profile {
  readonly limits: PeakRates;
  /** The backend of each network, by the network's id. */
  readonly networks: Readonly<Record<string, string>>;
  /** Means over all pictures. */
  readonly steps: readonly ProfiledStep[];
  /**
   * Milliseconds that the main thread of a service takes for a picture: HTTP, messages, JSON.
   * NaN where the system does not tell.
   */
  readonly service: number;
  /** Calls that it had answered before. */
  readonly callsBefore: number;
}

// The pipeline's stopwatch reads this clock: so it is not troubled by what else the machine does.
performance.now = ownProcessorTime;

const { checkout, paths, rounds, warmRounds, callsBefore } = JSON.parse(process.argv[2]!) as ProfileOptions;
const pictures = await Promise.all(paths.map((path) => readFile(path)));

const platform = createBenchPlatform(checkout);
const meter = new Meter();
const instance = createInstance(platform, defaultSettings, meter.watch(portsOf(platform, defaultSettings)));
const networks = await instance.ready();
for (let round = 0; round < warmRounds; round++)
  for (const picture of pictures) await profilePicture(instance, meter, picture);
const sums = new Map<string, { milliseconds: number; macs: number }>();
for (let round = 0; round < rounds; round++) {
  for (const picture of pictures) {
    for (const { name, milliseconds, macs } of await profilePicture(instance, meter, picture)) {
      const sum = sums.get(name) ?? { milliseconds: 0, macs: 0 };
      sum.milliseconds += milliseconds;
      sum.macs += macs;
      sums.set(name, sum);
    }
    process.send?.('progress');
  }
}
await instance.close();

const count = rounds * pictures.length;
const profile: Profile = {
  limits: await measureLimits(),
  networks,
  steps: [...sums].map(([name, { milliseconds, macs }]) => ({
    name,
    milliseconds: milliseconds / count,
    macs: macs / count,
  })),
  service: await profileService(),
  callsBefore,
};
process.send?.(profile);
process.disconnect?.();

/**
 * Milliseconds that the main thread of a service works for a picture: all but the networks. What runs once a call
 * is optimised late: a service in use is past that, and this one answers calls that cost little until it is.
 */
async function profileService(): Promise<number> {
  const service = await startService(checkout, 1);
  const nothingToSee = await sharp({
    create: { width: 64, height: 64, channels: 3, background: 'grey' },
  })
    .jpeg()
    .toBuffer();
  try {
    for (let call = 0; call < callsBefore; call++) await service.post(nothingToSee);
    for (let round = 0; round < warmRounds; round++)
      for (const picture of pictures) await service.post(picture);
    const before = await service.mainThreadTime();
    for (let round = 0; round < rounds; round++) for (const picture of pictures) await service.post(picture);
    return ((await service.mainThreadTime()) - before) / count;
  } finally {
    await service.stop();
  }
}
