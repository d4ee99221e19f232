import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { decimals, formatTable } from '../accuracy/table.ts';
import { describeMachine } from '../speed/machine.ts';
import { median } from '../speed/statistics.ts';
import {
  asTheEngine,
  createJpegPeers,
  type Decoder,
  full,
  halfAndFaces,
  otherDecoders,
  pngDecoders,
} from './decoders.ts';
import { type DecodePicture, makeJpegs, makeOthers, makePngs } from './pictures.ts';

const formats = ['JPEG', 'PNG', 'others'] as const;
type Formats = (typeof formats)[number];

interface Flags {
  readonly formats: readonly Formats[];
  readonly megapixels: number;
  readonly rounds: number;
}

await new Command('bench:decode')
  .description(
    'Times our decoders and their peers on the same files in one process, by turns, and prints medians in ' +
      'milliseconds and how many times faster we are. Takes about four minutes.',
  )
  .addOption(new Option('--formats <name...>', 'only these').choices(formats).default(formats, 'all'))
  .option('--megapixels <number>', 'no pictures larger than this', Number, 24)
  .option('--rounds <number>', 'timings of each; a quarter of them above 2.5 megapixels', Number, 12)
  .action(run)
  .parseAsync();

async function run(flags: Flags): Promise<void> {
  const { processor, cores, node } = await describeMachine(fileURLToPath(new URL('../..', import.meta.url)));
  console.log(`${processor}, ${cores} cores, Node ${node}\n`);
  const compareAll: Readonly<Record<Formats, () => Promise<void>>> = {
    async JPEG() {
      const decoders = [full, halfAndFaces, asTheEngine, ...(await createJpegPeers())];
      const [js, wasm, native] = [3, 4, 5];
      await compare(flags, 'JPEG', makeJpegs(flags.megapixels), decoders, [
        ['jpeg-js ÷ all', js, 0],
        ['@jsquash ÷ all', wasm, 0],
        ['sharp ÷ all', native, 0],
        ['sharp ÷ half', native, 1],
        ['sharp ÷ engine', native, 2],
      ]);
    },
    PNG: () =>
      compare(flags, 'PNG', makePngs(flags.megapixels), pngDecoders, [
        ['pngjs ÷ phiz', 1, 0],
        ['sharp ÷ phiz', 2, 0],
      ]),
    others: () =>
      compare(flags, 'others', makeOthers(flags.megapixels), otherDecoders, [['sharp ÷ phiz', 1, 0]]),
  };
  for (const format of flags.formats) await compareAll[format]();
}

/** @param ratios titles, and of which decoder's time by which other's */
async function compare(
  { rounds }: Flags,
  format: string,
  pictures: AsyncIterable<DecodePicture>,
  decoders: readonly Decoder[],
  ratios: readonly (readonly [title: string, of: number, by: number])[],
): Promise<void> {
  const rows: string[][] = [];
  for await (const picture of pictures) {
    const large = picture.width * picture.height > 3e6;
    const times = await timeAll(decoders, picture, large ? Math.ceil(rounds / 4) : rounds);
    rows.push([
      picture.name,
      ...times.map((time) => decimals(time, 1)),
      ...ratios.map(([, of, by]) => decimals(times[of]! / times[by]!, 2)),
    ]);
    process.stderr.write(`${format}, ${picture.name}: done\n`);
  }
  const header = [format, ...decoders.map(({ name }) => `${name}, ms`), ...ratios.map(([title]) => title)];
  console.log(`${formatTable(header, rows)}\n`);
}

/** The median time of each decoder in milliseconds; all take turns, so that they share what the machine does besides. */
async function timeAll(
  decoders: readonly Decoder[],
  picture: DecodePicture,
  rounds: number,
): Promise<number[]> {
  const times: number[][] = decoders.map(() => []);
  // As a service is that has answered a few calls.
  const warmUps = Math.ceil(rounds / 4);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [index, decoder] of decoders.entries()) {
      const start = performance.now();
      await decoder.run(picture);
      if (round >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return times.map(median);
}
