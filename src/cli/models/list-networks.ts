import { type Catalogue, isDefault, type Role } from '../../pipeline/catalogue.ts';
import { capabilityOf, type Manifest } from '../../pipeline/manifest.ts';
import type { Host } from '../host.ts';
import { formatBytes } from './format-bytes.ts';
import { folderOf, isPresent, type StoredNetwork } from './network-store.ts';

/** The roles that no key chooses: what goes with the detector or the alignment. */
type FixedRole = 'mesh' | 'landmarks' | 'scout' | 'scan';

/** The key of the configuration that chooses the network of each role. */
export const configKeys: Readonly<Record<Exclude<Role, FixedRole>, string>> = {
  detector: 'models.detector',
  lightDetector: 'models.legacy_detector',
  embedding: 'models.facen',
  age: 'models.age',
  gender: 'models.gender',
  emotions: 'models.emotions',
};

/** A table of all networks: those that ship with phiz, then those that can be pulled. */
export async function listNetworks(host: Host): Promise<string> {
  const rows = [['ID', 'FOR', 'SIZE', 'STATE', 'LICENCE']];
  const { catalogue } = host.platform;
  for (const { manifest } of catalogue.shipped) rows.push(rowOf(manifest, shippedState(catalogue, manifest)));
  for (const manifest of catalogue.pullable) {
    const here = await isPresent(host, { manifest, folder: folderOf(host, manifest.id) });
    rows.push(rowOf(manifest, here ? 'pulled' : 'can be pulled'));
  }
  return table(rows);
}

function shippedState(catalogue: Catalogue, { id }: Manifest): string {
  return isDefault(catalogue, id) ? 'ships, default' : 'ships';
}

function rowOf(manifest: Manifest, state: string): string[] {
  return [manifest.id, capabilityOf(manifest), sizeOf(manifest) ?? '', state, licenceText(manifest)];
}

function sizeOf({ files }: Manifest): string | undefined {
  const sizes = files.map(({ size }) => size);
  if (sizes.length === 0 || sizes.includes(undefined)) return undefined;
  return formatBytes(sizes.reduce<number>((sum, size) => sum + size!, 0));
}

function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A licence, and whether it forbids commercial use. */
export function licenceText({ licence, nonCommercial }: Manifest): string {
  return nonCommercial ? `${licence}, NON-COMMERCIAL` : licence;
}

/** A network's facts, for people: from its manifest and its files. */
export async function showNetwork(host: Host, network: StoredNetwork | Manifest): Promise<string> {
  const manifest = 'manifest' in network ? network.manifest : network;
  const { id, title, decoder, format, input, source } = manifest;
  const lines: [label: string, text: string][] = [
    ['for', `${capabilityOf(manifest)}, read as ${decoder}`],
    ['input', `${sizeText(input.size)} pixels, ${input.layout}, ${input.order}, ${valueText(input)}`],
  ];
  if ('crop' in manifest) {
    const { eyeHalfDistance, eyeHeight } = manifest.crop;
    const eyes = [0.5 - eyeHalfDistance, 0.5 + eyeHalfDistance].map((share) => percent(share));
    lines.push(['crop', `eyes at ${eyes.join(' and ')} of the width, ${percent(eyeHeight)} of the height`]);
  }
  if ('dimensions' in manifest) {
    lines.push(['output', `${manifest.dimensions} numbers`]);
    if (manifest.calibrations.length === 0)
      lines.push(['scale', 'its own; phiz models calibrate measures another']);
    for (const { followedBy, transform, thresholds } of manifest.calibrations) {
      const scale = transform ? 'findface' : 'native';
      const cosines = Object.entries(thresholds[scale] ?? thresholds.native);
      const text = cosines.map(([rate, least]) => `${least} (${rate})`).join(', ');
      lines.push(['scale', `${scale}, with ${followedBy.join(', ') || 'no other'}: strangers above ${text}`]);
    }
  }
  if ('labels' in manifest) lines.push(['output', manifest.labels.join(', ')]);
  lines.push(['format', format], ['licence', licenceText(manifest)]);
  lines.push(['origin', source]);
  if ('manifest' in network) {
    for (const file of manifest.files) {
      const here = (await host.fileSize(`${network.folder}/${file.name}`)) !== undefined;
      lines.push(
        ['file', `${network.folder}/${file.name}${here ? '' : ' (not there yet)'}`],
        ['SHA-256', file.sha256],
        ...(file.url ? [['from', file.url] as [string, string]] : []),
      );
    }
  } else {
    lines.push(['file', 'ships with phiz']);
  }
  const keys = keysFor(manifest);
  if (keys.length > 0) lines.push(['choose', `${keys.join(' or ')}: ${id}`]);
  return `${title}\n${lines.map(([label, text]) => `  ${label.padEnd(8)} ${text}\n`).join('')}`;
}

function keysFor(manifest: Manifest): string[] {
  const capability = capabilityOf(manifest);
  if (capability === 'detection') return [configKeys.detector, configKeys.lightDetector];
  if (capability === 'age-gender') return [configKeys.age, configKeys.gender];
  return capability === 'landmarks'
    ? []
    : [configKeys[capability === 'embedding' ? 'embedding' : 'emotions']];
}

function sizeText(size: Manifest['input']['size']): string {
  return 'width' in size ? `${size.width}×${size.height}` : `multiples of ${size.multipleOf}`;
}

function valueText({ mean, scale }: Manifest['input']): string {
  if (mean === 0 && scale === 1) return 'values 0 to 255';
  const [means, scales] = [mean, scale].map((values) =>
    (typeof values === 'number' ? [values] : values).map((value) => Number(value.toPrecision(4))).join(', '),
  );
  return `(value - ${means}) · ${scales}`;
}

const percent = (part: number): string => `${(100 * part).toFixed(0)}%`;
