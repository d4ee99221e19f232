import { readFile } from 'node:fs/promises';
import { median } from '../bench/speed/statistics.ts';
import { catalogue } from '../models/catalogue.ts';
import { readOnnx } from '../src/nn/onnx-reader.ts';
import { isDefault } from '../src/pipeline/catalogue.ts';
import { type Capability, capabilityOf, type Manifest } from '../src/pipeline/manifest.ts';
import { filePack, type Pack } from '../src/pipeline/pack.ts';
import { markdownTable } from './markdown-table.ts';
import { nodeCosts } from './networks/cost.ts';
import { tfjsCost } from './networks/tfjs-cost.ts';

/**
 * The model cards, the tables of networks in docs/models.md and the figures in the README and docs/accuracy.md. What is a
 * fact of a manifest or of a graph is written into them by `npm run cards`; accuracy is written into
 * the cards by people, and its sum, the line that begins with "In short:", goes from there to both.
 * Speed is that of the last `npm run bench`.
 */

/** A file and what it should contain. */
export interface Written {
  readonly path: string;
  readonly found: string;
  readonly text: string;
}

/** Side of the square at which the cost of a network of any size is told, in pixels. */
const costSide = 512;

/** @param root the folder of the project, as a URL that ends with a slash */
export async function writeCards(
  root: URL,
  readAsset: (name: string) => Promise<Uint8Array>,
): Promise<Written[]> {
  const read = (path: string) => readFile(new URL(path, root), 'utf8');
  const cards: Card[] = [];
  for (const pack of [...catalogue.shipped, ...catalogue.pullable.map(filePack)]) {
    const { manifest } = pack;
    const path = `models/${manifest.id}/card.md`;
    const found = await read(path);
    const cost = manifest.files.length === 0 ? await costOf(pack, readAsset) : undefined;
    cards.push({ path, found, text: withBlock(found, 'facts', factsOf(manifest, cost)), manifest, cost });
  }
  const shipped = cards.slice(0, catalogue.shipped.length);
  const page = async (path: string, blocks: Readonly<Record<string, string>>): Promise<Written> => {
    const found = await read(path);
    const text = Object.entries(blocks).reduce((all, [name, table]) => withBlock(all, name, table), found);
    return { path, found, text };
  };
  return [
    ...cards,
    await page('docs/models.md', {
      'shipped networks': markdownTable(
        ['network', 'for', 'multiply-accumulates', 'measured', 'licence'],
        shipped.map(shippedRow),
      ),
      'pullable networks': markdownTable(
        ['network', 'for', 'what', 'licence'],
        cards.slice(shipped.length).map(pullableRow),
      ),
    }),
    await page('docs/accuracy.md', {
      groups: groupsTable(cards.find(({ manifest }) => manifest.id === 'age-gender')!),
    }),
    await page('README.md', {
      accuracy: markdownTable(['of the default networks', 'measured', 'on what'], accuracyRows(shipped)),
      speed: speedTable(JSON.parse(await read('bench/RESULTS.json'))),
    }),
  ];
}

/** Tasks with a figure, and what the README calls them. */
const measuredCapabilities: Partial<Record<Capability, string>> = {
  detection: 'finding faces',
  landmarks: 'aligning them',
  embedding: 'telling people apart',
  'age-gender': 'age and gender',
  emotions: 'emotions',
};

/** For each capability, the first network that does it by default and was measured. */
function accuracyRows(shipped: readonly Card[]): string[][] {
  return Object.entries(measuredCapabilities).map(([capability, title]) => {
    const { path, text } = shipped.find(
      ({ manifest, text: card }) =>
        capabilityOf(manifest) === capability &&
        isDefault(catalogue, manifest.id) &&
        inShort(card) !== unmeasured,
    )!;
    return [title, inShort(text), `[card](${path})`];
  });
}

/** The table of a card whose first column is the part of the set. */
const groupsTable = ({ text }: Card): string => /^\| part .*(\n\|.*)*/m.exec(text)![0];

/** The part of bench/RESULTS.json that the README shows. */
interface Results {
  readonly machine: Readonly<Record<'date' | 'phiz' | 'processor' | 'node', string>> & {
    readonly cores: number;
  };
  readonly throughput: readonly {
    readonly title: string;
    readonly picturesPerSecond: readonly number[];
    /** Milliseconds. */
    readonly processorTime: number;
    /** Bytes. */
    readonly peakMemory: number;
    readonly recall: { readonly marked: number; readonly found: number };
  }[];
}

function speedTable({ machine, throughput }: Results): string {
  const rows = throughput.map(({ title, picturesPerSecond, processorTime, peakMemory, recall }) => [
    title,
    median(picturesPerSecond).toFixed(1),
    `${processorTime.toFixed(0)} ms`,
    `${(peakMemory / 2 ** 20).toFixed(0)} MB`,
    `${recall.found} of ${recall.marked}`,
  ]);
  const { date, phiz, processor, cores, node } = machine;
  const table = markdownTable(
    ['', 'pictures a second', 'core time a picture', 'peak memory', 'faces found'],
    rows,
  );
  return `${table}\n\nOne run of \`npm run bench\`, ${date}: phiz ${phiz}, ${processor}, ${cores} cores, Node ${node.split(' ')[0]}.`;
}

interface Card extends Written {
  readonly manifest: Manifest;
  /** Where the file is at hand. */
  readonly cost: Cost | undefined;
}

interface Cost {
  /** Of one forward pass. */
  readonly macs: number;
  readonly parameters: number;
  readonly side: number;
}

async function costOf(pack: Pack, readAsset: (name: string) => Promise<Uint8Array>): Promise<Cost> {
  const model = await pack.build(readAsset);
  const { size } = pack.manifest.input;
  const side = 'width' in size ? size.width : costSide;
  if (pack.manifest.format === 'tfjs') return { ...tfjsCost(model, side), side };
  const graph = readOnnx(model);
  const [input] = graph.inputs;
  const macs = nodeCosts(graph, { [input!.name]: [1, 3, side, side] }).reduce(
    (sum, node) => sum + node.macs,
    0,
  );
  const parameters = [...graph.initializers.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  return { macs, parameters, side };
}

function factsOf(manifest: Manifest, cost: Cost | undefined): string {
  const { decoder, input, source, files } = manifest;
  const facts: [string, string][] = [
    ['id', `\`${manifest.id}\``],
    ['for', `${capabilityOf(manifest)}, read as \`${decoder}\``],
    ['origin', source],
    ['licence', licenceText(manifest)],
    ['input', inputText(manifest)],
    ['values', valuesText(input)],
    ['output', outputText(manifest)],
    ['cost', cost ? costText(cost) : 'not computed'],
  ];
  for (const { name, url, sha256, size } of files) {
    facts.push([
      'file',
      `[${name}](${url})${size === undefined ? '' : `, ${size.toLocaleString('en')} bytes`}`,
    ]);
    facts.push(['SHA-256', `\`${sha256}\``]);
  }
  if (files.length === 0) facts.push(['file', 'ships with phiz']);
  return markdownTable(['', ''], facts);
}

function inputText(manifest: Manifest): string {
  const { size, layout } = manifest.input;
  const [width, height] = 'width' in size ? [size.width, size.height] : ['W', 'H'];
  const shape = layout === 'NCHW' ? `N×3×${height}×${width}` : `N×${height}×${width}×3`;
  const rule = 'width' in size ? '' : `, sides multiples of ${size.multipleOf}`;
  if (!('crop' in manifest)) return shape + rule;
  const { eyeHalfDistance, eyeHeight } = manifest.crop;
  const [left, right] = [0.5 - eyeHalfDistance, 0.5 + eyeHalfDistance].map((share) => share.toFixed(3));
  return `${shape}: a square around the aligned face, eyes at x ${left} and ${right}, y ${eyeHeight.toFixed(3)} of its side`;
}

function valuesText({ order, mean, scale }: Manifest['input']): string {
  if (mean === 0 && scale === 1) return `${order}, 0 to 255`;
  const texts = [mean, scale].map((values) => {
    const numbers = (typeof values === 'number' ? [values] : values).map((value) =>
      Number(value.toPrecision(5)),
    );
    return numbers.length === 1 ? String(numbers[0]) : `(${numbers.join(', ')})`;
  });
  return `${order}, (value − ${texts[0]}) · ${texts[1]}`;
}

function outputText(manifest: Manifest): string {
  switch (manifest.decoder) {
    case 'embedding':
      return `${manifest.dimensions} numbers, L2-normalised${manifest.mirrored ? ' after the mean with the mirror image' : ''}`;
    case 'emotion':
      return `logits of ${manifest.labels.join(', ')}`;
    case 'landmarks-68':
      return '68 points in the order of iBUG 300-W, as shares of the side';
    case 'mesh-468':
      return '468 points in three dimensions, in pixels of the input; probability of a face';
    case 'ssd-mobilenet':
    case 'ultra-light':
    case 'blazeface':
      return 'boxes and confidences';
    case 'yunet':
    case 'scrfd':
      return 'boxes, confidences and five points';
    case 'age-gender':
      return 'years; logits of male and female';
    case 'age-gender-faceres':
      return 'logits of the ages 0 to 99; ln(p(male) / p(female))';
    case 'age-gender-insightface':
      return 'logits of female and male; age in hundreds of years';
    case 'age-gender-fairface':
      return 'logits of male and female, and of nine groups of ages';
  }
}

function costText({ macs, parameters, side }: Cost): string {
  return `${inMillions(macs)} multiply-accumulates at ${side}×${side}, ${inMillions(parameters)} parameters`;
}

/** `1.83 billion`, `77 million`, `0.3 million` */
function inMillions(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} billion`;
  return `${(count / 1e6).toFixed(count >= 1e7 ? 0 : 2)} million`;
}

function shippedRow({ manifest, path, text, cost }: Card): string[] {
  return [
    `[${manifest.id}](../${path})${isDefault(catalogue, manifest.id) ? ', default' : ''}`,
    capabilityOf(manifest),
    cost ? inMillions(cost.macs).replace(' billion', ' G').replace(' million', ' M') : '–',
    inShort(text),
    manifest.licence,
  ];
}

function pullableRow({ manifest, path }: Card): string[] {
  return [`[${manifest.id}](../${path})`, capabilityOf(manifest), manifest.title, licenceText(manifest)];
}

/** In the place of the sum, where a card has none. */
const unmeasured = '–';

/** The sum of what was measured, of a card. */
const inShort = (card: string): string => /^In short: (.*)$/m.exec(card)?.[1] ?? unmeasured;

function licenceText({ licence, nonCommercial }: Manifest): string {
  return nonCommercial ? `${licence}, **non-commercial**` : licence;
}

/** The text with other content between `<!-- name -->` and `<!-- /name -->`. @throws where it lacks them. */
function withBlock(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected ${start} and then ${end} in the text`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}
