import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { nodeHost, nodePlatform } from '../../runtimes/node/host.ts';
import { engineOptions } from '../../src/cli/engine-options.ts';
import { inOrder } from '../../src/cli/in-order.ts';
import { createProgress } from '../../src/cli/progress.ts';
import { parseSetting } from '../../src/cli/settings-flag.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createEngineOn } from '../../src/create-engine.ts';
import type { Engine } from '../../src/engine.ts';
import { terminal } from '../terminal.ts';
import { breakdown } from './breakdown.ts';
import { figuresBySex } from './by-sex.ts';
import {
  readAgeGender,
  readDetection,
  readEmotion,
  readNegatives,
  readPoints,
  readVerification,
} from './datasets.ts';
import { degradations } from './degrade.ts';
import { measureDegraded } from './degraded.ts';
import {
  ageGenderFigures,
  type Bench,
  describePeople,
  guessAgesAndGenders,
  measureDetection,
  measureEmotion,
  verificationFigures,
} from './measure.ts';
import { widenChip } from './one-face.ts';
import { measureNegatives, measurePoints } from './points.ts';
import { qualityTrend } from './quality-trend.ts';
import { type AccuracyReport, formatAccuracy } from './report.ts';

/** The sets, each in the subfolder of its name. */
const sets = ['detection', 'verification', 'age-gender', 'emotion', 'points', 'negatives'] as const;
type SetName = (typeof sets)[number];

interface Flags {
  readonly only: readonly SetName[];
  readonly detector: 'primary' | 'light';
  readonly seed: number;
  readonly degrade: readonly string[];
  readonly set: Record<string, string>;
  readonly json?: string;
}

/** Least confidence of the engine whose answers make the curve of precision over recall. */
const sensitiveConfidence = 0.05;

/** Pictures with the engine at a time: one for each instance and one to follow. */
const picturesAtATime = 4;

await new Command('accuracy')
  .description(
    'Measures phiz on labelled pictures and prints a table for each set. FOLDER has a subfolder for ' +
      'each: detection (boxes.json and pictures), verification (a folder per person), age-gender ' +
      '(UTKFace names), emotion (a folder per emotion), points (points.json and pictures), negatives ' +
      '(pictures without a face).',
  )
  .argument('<folder>', 'the labelled pictures')
  .addOption(
    new Option('--only <sets>', `measure these alone, separated by commas: ${sets.join(', ')}`)
      .default([...sets], 'all')
      .argParser(parseSets),
  )
  .addOption(
    new Option('--detector <choice>', 'how to detect').choices(['primary', 'light']).default('primary'),
  )
  .option('--seed <number>', 'draws the cross pairs of verification', parseSeed, 1)
  .addOption(
    new Option(
      '--degrade [kinds]',
      'also measure verification with the first picture of each person made worse, the others as they ' +
        `are; some of ${Object.keys(degradations).join(', ')}, separated by commas`,
    )
      .default([], 'none')
      .preset(Object.keys(degradations).join())
      .argParser(parseDegradations),
  )
  .option(
    '--set <key=value...>',
    'configure phiz, e.g. --set models.detector=./my-detector',
    parseSetting,
    {},
  )
  .option('--json <file>', 'write all figures there, unrounded')
  .action(run)
  .parseAsync();

async function run(folder: string, { only, detector, seed, degrade, set, json }: Flags): Promise<void> {
  const report: AccuracyReport = { phiz: packageJson.version, detector, seed };
  const missing: string[] = [];
  const options = await engineOptions(nodeHost, loadConfig(undefined, set));
  const engine = await createEngineOn(nodePlatform, options);

  /** Reads a set and measures it; says so where it is not there. */
  async function measure<Sample>(
    name: SetName,
    readSamples: (folder: string) => Promise<Sample[]>,
    measureSamples: (samples: Sample[]) => Promise<void>,
  ): Promise<void> {
    if (!only.includes(name)) return;
    const path = join(folder, name);
    try {
      const samples = await readSamples(path);
      if (samples.length === 0) missing.push(`${path}: no pictures`);
      else await measureSamples(samples);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      missing.push((error as NodeJS.ErrnoException).path ?? path);
    }
  }

  const bench = (label: string, read: Bench['read'] = readFile, by: Engine = engine): Bench => ({
    engine: by,
    detector,
    read,
    async forEach(items, work) {
      const progress = createProgress(terminal, items.length, `pictures for ${label}`);
      const results = [];
      for await (const result of inOrder(items, picturesAtATime, work)) {
        progress.advance();
        results.push(result);
      }
      progress.clear();
      return results;
    },
  });
  const readChip = async (path: string) => widenChip(await readFile(path));

  try {
    await measure('detection', readDetection, async (samples) => {
      const sensitive = await createEngineOn(nodePlatform, {
        ...options,
        minConfidence: sensitiveConfidence,
      });
      try {
        report.detection = await measureDetection(
          bench('detection'),
          bench('the curve of detection', readFile, sensitive),
          samples,
        );
      } finally {
        await sensitive.close();
      }
    });
    await measure('verification', readVerification, async (samples) => {
      const faces = await describePeople(bench('verification'), samples);
      report.verification = verificationFigures(samples, faces, seed);
      const { threshold } = report.verification.allCrossPairs.atTenthPercent;
      report.bySex = figuresBySex(samples, faces, threshold);
      if (degrade.length === 0) return;
      report.degraded = await measureDegraded(bench('what is degraded'), samples, faces, degrade);
    });
    await measure('age-gender', readAgeGender, async (samples) => {
      const results = await guessAgesAndGenders(bench('age and gender', readChip), samples);
      report.ageGender = {
        ...ageGenderFigures(results),
        parts: breakdown(results),
        quality: qualityTrend(results.flatMap(({ guess }) => guess?.face ?? [])),
      };
    });
    await measure('emotion', readEmotion, async (samples) => {
      report.emotion = await measureEmotion(bench('emotion', readChip), samples);
    });
    await measure('points', readPoints, async (samples) => {
      report.points = await measurePoints(bench('points'), samples);
    });
    await measure('negatives', readNegatives, async (samples) => {
      report.negatives = await measureNegatives(bench('negatives'), samples);
    });
  } finally {
    await engine.close();
  }

  const tables = formatAccuracy(report);
  if (tables) process.stdout.write(`${tables}\n`);
  for (const path of missing) process.stderr.write(`not found, not measured: ${path}\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  if (!tables) process.exitCode = 1;
}

function parseSets(text: string): SetName[] {
  return text.split(',').map((name) => {
    const set = sets.find((known) => known === name.trim());
    if (!set) throw new InvalidArgumentError(`expected some of ${sets.join(', ')}`);
    return set;
  });
}

function parseDegradations(text: string): string[] {
  return text.split(',').map((name) => {
    const known = Object.keys(degradations);
    if (!known.includes(name.trim())) throw new InvalidArgumentError(`expected some of ${known.join(', ')}`);
    return name.trim();
  });
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new InvalidArgumentError('expected a whole number');
  return seed;
}
