// Renders the Helm chart as `helm template phiz deploy/helm/phiz` does, with Go's own template engine
// compiled to WebAssembly; the chart uses the language's own functions only, so Helm renders the same.
// `node render-chart.mjs` writes kubernetes/phiz.yaml: the chart with its default values.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parse as render } from '@evertdespiegeleer/go-template';
import { parse, parseDocument, Scalar } from 'yaml';

const chart = new URL('helm/phiz/', import.meta.url);
export const plainManifests = new URL('kubernetes/phiz.yaml', import.meta.url);

/** @param changes values that are not the chart's defaults, by dotted path, such as `ingress.enabled` */
export async function renderChart(changes = {}) {
  const values = parse(await readFile(new URL('values.yaml', chart), 'utf8'));
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop();
    keys.reduce((section, key) => section[key], values)[last] = value;
  }
  const { name, version, appVersion } = parse(await readFile(new URL('Chart.yaml', chart), 'utf8'));
  const context = {
    Values: values,
    Release: { Name: 'phiz', Namespace: 'default' },
    Chart: { Name: name, Version: version, AppVersion: appVersion },
  };
  const names = await readFile(new URL('templates/_names.tpl', chart), 'utf8');
  const files = (await readdir(new URL('templates/', chart))).filter((file) => file.endsWith('.yaml')).sort();
  const rendered = await Promise.all(
    files.map(async (file) =>
      (await render(names + (await readFile(new URL(`templates/${file}`, chart), 'utf8')), context)).trim(),
    ),
  );
  return `${rendered.filter((text) => text !== '').join('\n---\n')}\n`;
}

const plainHeader = `# kubectl apply -f deploy/kubernetes/phiz.yaml
# Made from the Helm chart by \`npm run --prefix deploy render\`: change deploy/helm/phiz, not this file.
`;

/** The chart's quoted configuration as lines that a person can edit. */
function readable(manifest) {
  const document = parseDocument(manifest);
  const config = document.getIn(['data', 'phiz.yaml'], true);
  if (!config) return manifest;
  config.type = Scalar.BLOCK_LITERAL;
  return document.toString({ lineWidth: 0 });
}

export async function renderPlainManifests() {
  const manifests = (await renderChart()).split('\n---\n');
  return `${plainHeader}${manifests.map((each) => readable(each).trim()).join('\n---\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(plainManifests, await renderPlainManifests());
  process.exit(0);
}
