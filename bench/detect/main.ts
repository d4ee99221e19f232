import process from 'node:process';
import { Command } from 'commander';
import { createProgress } from '../../src/cli/progress.ts';
import { defaultSettings } from '../../src/pipeline/settings.ts';
import { createRandom } from '../accuracy/random.ts';
import { decimals, formatTable } from '../accuracy/table.ts';
import { wholeAboveZero } from '../arguments.ts';
import { terminal } from '../terminal.ts';
import { type CostRow, measureCosts } from './cost.ts';
import { recallAt } from './recall.ts';
import { createFinder, readPatches } from './samples.ts';

/** Longer sides of pasted faces in pixels. */
const sizes = [20, 25, 30, 35, 40, 50, 60, 80, 100, 140, 200, 280, 400, 560, 800, 1200];

const photographs = [1, 2, 3, 4, 5, 6].map(
  (number) => `node_modules/@vladmandic/face-api/demo/sample${number}.jpg`,
);

interface Flags {
  readonly width: number;
  readonly height: number;
  readonly least: number;
  readonly sizes: readonly number[];
  readonly seed: number;
}

const program = new Command('bench:detect').description(
  'Whether the default detector keeps its guarantee of face sizes, and what it costs.',
);

program
  .command('recall')
  .description('paste the faces of photographs into large pictures at every size, and look for them')
  .argument('[photographs...]', 'where the faces come from', photographs)
  .option('--width <pixels>', 'of the large pictures', wholeAboveZero, 6000)
  .option('--height <pixels>', 'of the large pictures', wholeAboveZero, 4000)
  .option('--least <pixels>', 'the configuration’s min_face_size', wholeAboveZero, 30)
  .option('--sizes <list>', 'sizes of the faces, separated by commas', parseSizes, sizes)
  .option('--seed <number>', 'draws the backgrounds', wholeAboveZero, 1)
  .action(showRecall);

program
  .command('cost')
  .description('time for pictures of growing size and for growing min_face_size')
  .argument('[photograph]', 'what is enlarged and reduced', photographs[0])
  .action(showCosts);

await program.parseAsync();

async function showRecall(paths: readonly string[], { width, height, least, sizes, seed }: Flags) {
  const finder = createFinder({ ...defaultSettings, faces: { least, most: Number.POSITIVE_INFINITY } });
  const patches = await readPatches(paths, finder.find);
  const progress = createProgress(terminal, sizes.length, 'sizes');
  const rows = [];
  let [faces, found] = [0, 0];
  for (const size of sizes) {
    const detect = async (picture: Parameters<typeof finder.find>[0]) => (await finder.find(picture)).boxes;
    const recall = await recallAt(size, patches, { width, height }, detect, seed);
    if (size >= least) [faces, found] = [faces + recall.faces, found + recall.found];
    rows.push([
      `${size}`,
      `${recall.faces}`,
      decimals(recall.found / recall.faces, 3),
      `${recall.twice}`,
      `${recall.others}`,
    ]);
    progress.advance();
  }
  progress.clear();
  await finder.close();
  process.stdout.write(
    `${formatTable([`size in ${width}×${height}`, 'faces', 'recall', 'found twice', 'other finds'], rows)}\n\n` +
      `from ${least} pixels on: recall ${decimals(found / faces, 4)} of ${faces} faces\n`,
  );
}

async function showCosts(path: string) {
  const rows = await measureCosts(path, createRandom(1));
  const cells = ({ width, height, least, planned, milliseconds, detector }: CostRow) => [
    `${width}×${height}`,
    detector,
    least === undefined ? '' : `${least}`,
    decimals((width * height) / 1e6, 2),
    decimals(planned / 1e6, 2),
    decimals(milliseconds, 0),
    decimals((milliseconds * 1e6) / (width * height), 0),
  ];
  const header = ['picture', 'detector', 'least face', 'Mpx', 'input Mpx', 'ms', 'ms per Mpx'];
  process.stdout.write(`${formatTable(header, rows.map(cells))}\n`);
}

function parseSizes(text: string): number[] {
  return text.split(',').map(wholeAboveZero);
}
