// Checks the Helm chart: kubernetes/phiz.yaml is what it renders by default, and every manifest that it
// renders, with each switch the other way too, fits the schema of its kind and, since the schemas let
// unknown keys pass (which the API server drops in silence), the types of its kind. Those of kubernetes/ likewise.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { plainManifests, renderChart, renderPlainManifests } from './render-chart.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Values other than the defaults, each of which changes what is rendered. */
const variants = [
  { 'ingress.enabled': true },
  { 'ingress.enabled': true, 'ingress.tlsSecret': 'phiz-tls', 'ingress.className': 'nginx' },
  {
    'ingress.enabled': true,
    'ingress.annotations': { 'nginx.ingress.kubernetes.io/proxy-body-size': '64m' },
  },
  { keysSecret: 'phiz-keys' },
  { 'networkPolicy.enabled': false },
  { 'networkPolicy.fetch': false },
  { 'autoscaling.enabled': false },
  { 'image.repository': 'registry.example.com/phiz', 'image.tag': '1.2.3' },
  { nodeSelector: { 'kubernetes.io/arch': 'arm64' } },
  { 'worker.enabled': true },
  { 'worker.enabled': true, 'worker.autoscaling.enabled': false, 'worker.credsSecret': 'nats-creds' },
  { 'worker.enabled': true, 'networkPolicy.enabled': false },
];

const usual = await renderChart();
if ((await readFile(plainManifests, 'utf8')) !== (await renderPlainManifests()))
  throw new Error('kubernetes/phiz.yaml is not what the chart renders: npm run --prefix deploy render');
const texts = [];
for (const changes of variants) {
  const text = await renderChart(changes);
  if (text === usual) throw new Error(`the chart does not heed ${JSON.stringify(changes)}`);
  texts.push(text);
}
for (const file of await readdir(join(here, 'kubernetes')))
  texts.push(await readFile(join(here, 'kubernetes', file), 'utf8'));

const scratch = await mkdtemp(join(here, 'node_modules', '.check-'));
let count = 0;
try {
  for (const document of texts.flatMap((text) => parseAllDocuments(text))) {
    if (document.errors.length > 0) throw document.errors[0];
    const manifest = document.toJS();
    const { apiVersion, kind } = manifest;
    const isKeda = apiVersion.startsWith('keda.sh/');
    const models = await import(`${isKeda ? '@kubernetes-models/keda' : 'kubernetes-models'}/${apiVersion}`);
    new models[kind](manifest).validate();
    // Of what is not Kubernetes' own there is the schema alone.
    if (isKeda) continue;
    const types = `kubernetes-types/${apiVersion === 'v1' ? 'core/v1' : apiVersion.replace('.k8s.io', '')}`;
    await writeFile(
      join(scratch, `${count}.ts`),
      `import type { ${kind} } from '${types}';\nexport const manifest: ${kind} = ${JSON.stringify(manifest, null, 1)};\n`,
    );
    count++;
  }
  const files = (await readdir(scratch)).map((file) => join(scratch, file));
  const tsc = join(here, '../node_modules/.bin/tsc');
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--moduleResolution',
    'bundler',
    '--module',
    'esnext',
  ];
  const { status, stdout } = spawnSync(tsc, [...options, ...files], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
  console.log(`${count} manifests are valid: the chart by default and in ${variants.length} other ways`);
} finally {
  await rm(scratch, { recursive: true });
}
// The template engine would keep the process.
process.exit(0);
