import { decimals, formatTable } from '../accuracy/table.ts';
import type { Failure, Latency, Throughput } from './contest.ts';
import type { IdleCores } from './idle-cores.ts';
import type { Machine } from './machine.ts';
import type { BenchPicture } from './pictures.ts';
import type { Profile } from './profile/main.ts';
import { faceHeights, type SmallFaces } from './small-faces.ts';
import { geometricMean, median } from './statistics.ts';

/** Everything that a run measured. */
export interface SpeedReport {
  readonly machine: Machine;
  readonly rounds: number;
  /** True where latency was measured on one core, not on one thread with the others' help. */
  readonly pinned: boolean;
  readonly pictures: readonly Omit<BenchPicture, 'path'>[];
  readonly throughput: readonly (Throughput | Failure)[];
  readonly latency: readonly (Latency | Failure)[];
  readonly idleCores: IdleCores;
  readonly smallFaces: readonly (SmallFaces | Failure)[];
  readonly profile: Profile;
}

/** The report for people, in Markdown. */
export function formatSpeed(report: SpeedReport): string {
  const { machine, pictures } = report;
  return [
    '# Speed, side by side',
    `phiz ${machine.phiz}, ${machine.date}; ${machine.processor}, ${machine.cores} cores, ` +
      `${Math.round(machine.memory / 2 ** 30)} GiB, ${machine.system}, Node ${machine.node}. ` +
      'Made by `npm run bench`; everything beneath comes from one run on one machine.',
    `The work: ${pictures.length} JPEG pictures of ${megapixels(pictures, Math.min)} to ` +
      `${megapixels(pictures, Math.max)} megapixels with ${pictures.reduce((sum, { faces }) => sum + faces.length, 0)} ` +
      'faces; for each face box, embedding, age, gender and emotions (phiz: the aligned face too), from the ' +
      'bytes of the file to the answer.',
    '## All cores at work',
    formatThroughput(report),
    'A peer that uses one thread gets one process for each core; phiz and its service have an instance for ' +
      'each. `phiz is` tells how many times the pictures a second of that row phiz as a library answers; ' +
      'brackets mean that the row finds fewer faces, so that its speed does not count. Processor time is what ' +
      'all processes and threads had of the cores (of a service, the service alone), and `of phiz` is its ' +
      'ratio to what phiz needs. Memory is the peak of all processes.',
    `## One picture at a time${report.pinned ? ', one core' : ''}`,
    formatLatency(report),
    `Milliseconds of processor time, the median of ${report.rounds}: on one core that nothing else uses it passes as the clock does. The contestants take turns at each picture. The last row ` +
      'is the geometric mean of the ratios to phiz.',
    '## One picture on an idle machine',
    formatIdleCores(report),
    'Milliseconds by the clock from the bytes of the file to the answer: phiz kept to one core with one instance, and with ' +
      'an instance for each core, of which those without a picture compute parts of it. The ratio is the median of pairs of ' +
      `answers, one right after the other, after ${report.idleCores.answersBefore} of each side. At best it is what each of ` +
      `${report.idleCores.cores} pictures takes of that time that are answered at once, so that no core waits for another.`,
    '## What each can see',
    formatSmallFaces(report),
    'Faces found of six of that height, from brow to chin, one in each picture of 1920×1280 pixels. The peers reduce every ' +
      'picture to 256 pixels (human) or 512 (face-api); phiz looks for faces from 30 pixels on at any size of picture. `phiz, one ' +
      'look` is phiz with a `min_face_size` above that of any picture: it looks at all of it once, at 256 pixels on the ' +
      'longer side, so that it can be compared with human at equal work.',
    '## Where the time goes',
    formatProfile(report.profile),
    `Means over all pictures, one core, processor time, ${[...new Set(Object.values(report.profile.networks))].join(', else ')}. The arithmetic is the multiply-accumulates ` +
      "of a network's convolutions and matrix products. A matrix product that never leaves the first-level " +
      `cache reaches here, in GMAC/s: ${formatLimits(report.profile)}. The last column says what a ` +
      'network would take if all of it were as fast as that of 16-bit integers; one of many 3×3 convolutions may take less, ' +
      'since they are computed in four ninths of the products. The service is its main thread, after ' +
      `${report.profile.callsBefore} calls: what runs once a call is optimised late.`,
    '## What was measured',
    report.throughput
      .map((row) => ('failure' in row ? `- ${row.title}: failed: ${row.failure}` : `- ${row.description}`))
      .join('\n'),
  ].join('\n\n');
}

const ran = <Row>(rows: readonly (Row | Failure)[]): Row[] =>
  rows.filter((row): row is Row => !('failure' in (row as object)));

function formatThroughput({ throughput }: SpeedReport): string {
  const rows = ran<Throughput>(throughput);
  const phiz = rows[0];
  return formatTable(
    [
      '',
      'pictures/s',
      'phiz is',
      'core ms a picture',
      'of phiz',
      'faces found',
      'false finds',
      'peak memory',
      'start',
    ],
    rows.map((row) => {
      const ratio = median(phiz!.picturesPerSecond) / median(row.picturesPerSecond);
      const counts = row.recall.found >= phiz!.recall.found;
      return [
        row.title,
        decimals(median(row.picturesPerSecond), 2),
        row === phiz ? '' : counts ? times(ratio) : `(${times(ratio)})`,
        decimals(row.processorTime, 0),
        row === phiz ? '' : times(row.processorTime / phiz!.processorTime),
        `${row.recall.found} of ${row.recall.marked}`,
        `${row.recall.falseFinds}`,
        Number.isNaN(row.peakMemory) ? '–' : `${Math.round(row.peakMemory / 2 ** 20)} MB`,
        `${decimals(row.startTime / 1_000, 1)} s`,
      ];
    }),
  );
}

function formatLatency({ latency, pictures }: SpeedReport): string {
  const rows = ran<Latency>(latency);
  const phiz = rows[0];
  return formatTable(
    ['picture', 'megapixels', 'faces', ...rows.map(({ title }) => title)],
    [
      ...pictures.map(({ name, width, height, faces }, index) => [
        name,
        decimals((width * height) / 1e6, 1),
        `${faces.length}`,
        ...rows.map(({ milliseconds }) => decimals(milliseconds[index], 0)),
      ]),
      [
        'ratio to phiz',
        '',
        '',
        ...rows.map(({ milliseconds }) =>
          times(geometricMean(milliseconds.map((time, index) => time / phiz!.milliseconds[index]!))),
        ),
      ],
    ],
  );
}

function formatIdleCores({ idleCores: { cores, rows } }: SpeedReport): string {
  return formatTable(
    ['picture', 'one core', `${cores} cores`, 'ratio', 'at best'],
    rows.map(({ picture, one, all, ratio, best }) => [
      picture,
      decimals(one, 0),
      decimals(all, 0),
      times(ratio),
      times(best),
    ]),
  );
}

function formatSmallFaces({ smallFaces }: SpeedReport): string {
  return formatTable(
    ['', ...faceHeights.map(String)],
    ran<SmallFaces>(smallFaces).map(({ title, found }) => [title, ...found.map(String)]),
  );
}

function formatProfile({ steps, service, limits }: Profile): string {
  const http = { name: 'service: HTTP, messages, JSON', milliseconds: service, macs: 0 };
  const all = Number.isNaN(service) ? steps : [...steps, http];
  const whole = all.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const bound = (macs: number) => (1_000 * macs) / limits.i16;
  return formatTable(
    ['step', 'ms', 'share', 'GMAC', 'GMAC/s', 'ms at the limit'],
    [
      ...all.map(({ name, milliseconds, macs }) => [
        name,
        decimals(milliseconds, 1),
        `${decimals((100 * milliseconds) / whole, 1)}%`,
        macs ? decimals(macs / 1e9, 2) : '',
        macs ? decimals(macs / 1e6 / milliseconds, 1) : '',
        macs ? decimals(bound(macs), 1) : '',
      ]),
      ['all', decimals(whole, 1), '', '', '', ''],
    ],
  );
}

function formatLimits({ limits }: Profile): string {
  return Object.entries(limits)
    .map(([format, perSecond]) => `${formatNames[format] ?? format} ${decimals(perSecond / 1e9, 0)}`)
    .join(', ');
}

const formatNames: Readonly<Record<string, string>> = {
  f32: 'float32',
  i16: '16-bit integers',
};

const times = (ratio: number): string => `${decimals(ratio, ratio < 10 ? 2 : 1)}×`;

function megapixels(pictures: SpeedReport['pictures'], choose: (...values: number[]) => number): string {
  return decimals(choose(...pictures.map(({ width, height }) => width * height)) / 1e6, 1);
}

/** A row's figures in a line, as soon as they are known. */
export function summarise(row: Throughput | Failure): string {
  if ('failure' in row) return `${row.title} failed: ${row.failure}`;
  const { title, picturesPerSecond, recall } = row;
  return `${title}: ${decimals(median(picturesPerSecond), 2)} pictures/s, ${recall.found} of ${recall.marked} faces`;
}
