import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { decimals, formatTable } from '../accuracy/table.ts';
import { describeMachine } from '../speed/machine.ts';
import { median } from '../speed/statistics.ts';
import { asTheEngine, createPeers, type Decoder, full, halfAndFaces } from './decoders.ts';
import { type DecodePicture, makePictures } from './pictures.ts';

await new Command('bench:decode')
  .description(
    'Times our JPEG decoder and its peers on the same files in one process, by turns, and prints medians in ' +
      'milliseconds and how many times faster we are. Takes about two minutes.',
  )
  .option('--megapixels <number>', 'no pictures larger than this', Number, 24)
  .option('--rounds <number>', 'timings of each; a quarter of them above 2.5 megapixels', Number, 12)
  .action(run)
  .parseAsync();

async function run({ megapixels, rounds }: { megapixels: number; rounds: number }): Promise<void> {
  const ours = [full, halfAndFaces, asTheEngine];
  const decoders = [...ours, ...(await createPeers())];
  const rows: string[][] = [];
  for await (const picture of makePictures(megapixels)) {
    const large = picture.width * picture.height > 3e6;
    const times = await timeAll(decoders, picture, large ? Math.ceil(rounds / 4) : rounds);
    const [all, half, engine, js, wasm, native] = times as [number, number, number, number, number, number];
    rows.push([
      picture.name,
      ...times.map((time) => decimals(time, 1)),
      ...[js / all, wasm / all, native / all, native / half, native / engine].map((ratio) =>
        decimals(ratio, 2),
      ),
    ]);
    process.stderr.write(`${picture.name}: done\n`);
  }
  const { processor, cores, node } = await describeMachine(fileURLToPath(new URL('../..', import.meta.url)));
  console.log(`${processor}, ${cores} cores, Node ${node}\n`);
  const header = ['JPEG', ...decoders.map(({ name }) => `${name}, ms`)];
  console.log(
    formatTable(
      [...header, 'jpeg-js ÷ all', '@jsquash ÷ all', 'sharp ÷ all', 'sharp ÷ half', 'sharp ÷ engine'],
      rows,
    ),
  );
}

/** The median time of each decoder in milliseconds; all take turns, so that they share what the machine does besides. */
async function timeAll(
  decoders: readonly Decoder[],
  picture: DecodePicture,
  rounds: number,
): Promise<number[]> {
  const times: number[][] = decoders.map(() => []);
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, decoder] of decoders.entries()) {
      const start = performance.now();
      await decoder.run(picture);
      if (round > 0) times[index]!.push(performance.now() - start);
    }
  }
  return times.map(median);
}
