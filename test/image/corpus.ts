import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the corpus: what it is, and the commands that make it of `photo.png` and `alpha.png`. */
export interface CorpusFile {
  /** Its name, which ends in that of its format. */
  readonly name: string;
  readonly commands: readonly (readonly [program: string, ...args: string[]])[];
  /** Largest mean difference to the independent decoder, of 255. Default: {@link usualTolerance}. */
  readonly tolerance?: number;
}

/** Rounding alone. */
export const usualTolerance = 0.5;

/** Programs that make the corpus, with the Debian package of each. */
export const programs: Readonly<Record<string, string>> = {
  convert: 'imagemagick',
  tiffcp: 'libtiff-tools',
  avifenc: 'libavif-bin',
  img2webp: 'webp',
};

const bmp = (name: string, ...args: string[]): CorpusFile => ({
  name: `${name}.bmp`,
  commands: [['convert', 'photo.png', ...args, `${name}.bmp`]],
});
const bmpAs = (form: string, name: string, ...args: string[]): CorpusFile => ({
  name: `${name}.bmp`,
  commands: [['convert', 'photo.png', ...args, `${form}:${name}.bmp`]],
});
const gif = (name: string, ...args: string[]): CorpusFile => ({
  name: `${name}.gif`,
  commands: [['convert', ...args, `${name}.gif`]],
});
const tiff = (name: string, ...args: string[]): CorpusFile => ({
  name: `${name}.tiff`,
  commands: [['convert', 'photo.png', ...args, `${name}.tiff`]],
});
/** The same pixels, laid out anew by libtiff. */
const relaid = (name: string, source: string, ...args: string[]): CorpusFile => ({
  name: `${name}.tiff`,
  commands: [['tiffcp', ...args, `${source}.tiff`, `${name}.tiff`]],
});
const avif = (name: string, ...args: string[]): CorpusFile => ({
  name: `${name}.avif`,
  commands: [['avifenc', '-s', '10', ...args, `${name}.avif`]],
  tolerance: 1.5,
});

/** Files that come later may be made of earlier ones. */
export const corpus: readonly CorpusFile[] = [
  bmp('v5'),
  bmpAs('BMP3', 'v3'),
  bmpAs('BMP2', 'os2'),
  bmpAs('BMP3', 'one-bit', '-monochrome'),
  bmpAs('BMP3', 'four-bits', '-colors', '16', '-type', 'palette', '-compress', 'none'),
  bmpAs('BMP3', 'eight-bits', '-colors', '200', '-type', 'palette', '-compress', 'none'),
  bmpAs('BMP2', 'os2-eight-bits', '-colors', '200', '-type', 'palette', '-compress', 'none'),
  bmpAs('BMP3', 'rle8', '-colors', '20', '-type', 'palette', '-compress', 'RLE'),
  bmp('rgb565', '-define', 'bmp:subtype=RGB565'),
  bmp('rgb555', '-define', 'bmp:subtype=RGB555'),
  { name: 'alpha.bmp', commands: [['convert', 'alpha.png', 'alpha.bmp']] },

  gif('plain', 'photo.png'),
  gif('interlaced', 'photo.png', '-interlace', 'GIF'),
  gif('two-colours', 'photo.png', '-monochrome'),
  gif('six-colours', 'photo.png', '-colors', '6'),
  gif('transparent', 'alpha.png'),
  gif('animated', '-delay', '10', 'photo.png', '(', 'photo.png', '-negate', ')'),

  tiff('plain', '-compress', 'none'),
  tiff('lzw', '-compress', 'LZW'),
  tiff('deflate', '-compress', 'Zip'),
  tiff('packbits', '-compress', 'RLE'),
  { ...tiff('jpeg', '-compress', 'JPEG', '-quality', '95'), tolerance: 1.5 },
  tiff('big-endian', '-endian', 'MSB', '-compress', 'LZW'),
  tiff('sixteen-bits', '-depth', '16', '-compress', 'LZW'),
  tiff('sixteen-bits-big-endian', '-depth', '16', '-endian', 'MSB', '-compress', 'Zip'),
  tiff('grey', '-colorspace', 'Gray', '-compress', 'Zip'),
  tiff('one-bit', '-monochrome', '-compress', 'RLE'),
  tiff('four-bits', '-colorspace', 'Gray', '-depth', '4', '-compress', 'LZW'),
  // ImageMagick cuts the 16 bits of a colour off to 8, ours are rounded.
  { ...tiff('palette', '-colors', '100', '-type', 'palette', '-compress', 'LZW'), tolerance: 1 },
  tiff(
    'min-is-white',
    '-colorspace',
    'Gray',
    '-define',
    'quantum:polarity=min-is-white',
    '-compress',
    'none',
  ),
  tiff('cmyk', '-colorspace', 'CMYK', '-compress', 'LZW'),
  { ...tiff('cmyk-jpeg', '-colorspace', 'CMYK', '-compress', 'JPEG', '-quality', '95'), tolerance: 2.5 },
  { ...tiff('turned', '-orient', 'LeftBottom', '-compress', 'LZW') },
  { name: 'alpha.tiff', commands: [['convert', 'alpha.png', '-compress', 'Zip', 'alpha.tiff']] },
  {
    name: 'pages.tiff',
    commands: [['convert', 'photo.png', '(', 'photo.png', '-negate', ')', 'pages.tiff']],
  },
  relaid('strips', 'plain', '-c', 'lzw:2', '-r', '7'),
  relaid('tiles', 'plain', '-c', 'zip:2', '-t', '-w', '64', '-l', '48'),
  relaid('tiles-sixteen-bits', 'sixteen-bits', '-c', 'lzw:2', '-t', '-w', '32', '-l', '32'),
  relaid('planes', 'plain', '-c', 'lzw', '-p', 'separate', '-r', '16'),
  relaid('planes-tiles', 'plain', '-c', 'packbits', '-p', 'separate', '-t', '-w', '80', '-l', '64'),
  { ...relaid('tiles-jpeg', 'plain', '-c', 'jpeg:90', '-t', '-w', '64', '-l', '64'), tolerance: 2 },
  { ...relaid('strips-jpeg-rgb', 'plain', '-c', 'jpeg:r:90', '-r', '16'), tolerance: 2 },
  relaid('lowest-bit-first', 'one-bit', '-c', 'none', '-f', 'lsb2msb'),

  avif('plain', 'photo.png'),
  avif('lossless', '-l', 'photo.png'),
  avif('ten-bits', '-d', '10', 'photo.png'),
  avif('twelve-bits', '-d', '12', '-y', '444', 'photo.png'),
  avif('grey', '-y', '400', 'photo.png'),
  avif('alpha', 'alpha.png'),
  avif('quarter-turn', '--irot', '1', 'photo.png'),
  avif('mirrored', '--imir', '0', 'photo.png'),
  avif('turned-and-mirrored', '--irot', '3', '--imir', '1', 'photo.png'),
  avif('grid', '--grid', '2x1', 'wide.png'),

  {
    name: 'animated.webp',
    commands: [['img2webp', '-lossless', 'photo.png', '-d', '50', 'negative.png', '-o', 'animated.webp']],
  },
  {
    name: 'animated-lossy.webp',
    commands: [['img2webp', '-lossy', 'photo.png', '-d', '50', 'negative.png', '-o', 'animated-lossy.webp']],
    tolerance: 0.1,
  },
];

/** Makes the corpus in a folder. @throws Error where a program is not installed or fails */
export function makeCorpus(folder: string, photograph: string): void {
  mkdirSync(folder, { recursive: true });
  const run = ([program, ...args]: readonly [string, ...string[]]) =>
    execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  // Sides at which rows end within a byte, and tiles within the picture.
  run(['convert', photograph, '-resize', '301x201!', '-strip', 'photo.png']);
  run(['convert', 'photo.png', '-negate', 'negative.png']);
  run(['convert', photograph, '-resize', '256x128!', '-strip', 'wide.png']);
  run([
    'convert',
    'photo.png',
    '(',
    '-size',
    '301x201',
    'radial-gradient:white-black',
    ')',
    '-alpha',
    'off',
    '-compose',
    'CopyOpacity',
    '-composite',
    'alpha.png',
  ]);
  for (const { commands } of corpus) for (const command of commands) run(command);
}

/** What ImageMagick makes of a file: its first picture, upright, on white, 8-bit RGB. */
export function asImageMagickReads(folder: string, { name }: CorpusFile) {
  const shape = [
    '-auto-orient',
    '-background',
    'white',
    '-alpha',
    'remove',
    '-alpha',
    'off',
    '-colorspace',
    'sRGB',
    '-depth',
    '8',
  ];
  const file = join(folder, name);
  const still = `${file}[0]`;
  // The whole screen, of which a GIF's frame may be a part.
  const whole = name.endsWith('.gif') ? ['-coalesce'] : [];
  const size = execFileSync('convert', [still, ...whole, ...shape, '-format', '%w %h', 'info:'], {
    encoding: 'utf8',
  });
  const [width, height] = size.split(' ').map(Number) as [number, number];
  const data = execFileSync('convert', [still, ...whole, ...shape, 'rgb:-'], { maxBuffer: 2 ** 28 });
  return { width, height, data: new Uint8Array(data) };
}
