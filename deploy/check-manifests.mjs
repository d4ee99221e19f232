// Checks every manifest in kubernetes/ against the schema of its kind, and, since the schemas let
// unknown keys pass (which the API server drops in silence), against the types of its kind too.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const here = fileURLToPath(new URL('.', import.meta.url));
const scratch = await mkdtemp(join(here, 'node_modules', '.check-'));
let count = 0;
try {
  for (const file of await readdir(join(here, 'kubernetes'))) {
    for (const document of parseAllDocuments(await readFile(join(here, 'kubernetes', file), 'utf8'))) {
      const manifest = document.toJS();
      const { apiVersion, kind } = manifest;
      const models = await import(`kubernetes-models/${apiVersion}`);
      new models[kind](manifest).validate();
      const types = `kubernetes-types/${apiVersion === 'v1' ? 'core/v1' : apiVersion}`;
      await writeFile(
        join(scratch, `${kind}.ts`),
        `import type { ${kind} } from '${types}';\nexport const manifest: ${kind} = ${JSON.stringify(manifest, null, 1)};\n`,
      );
      count++;
    }
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
  console.log(`${count} manifests are valid`);
} finally {
  await rm(scratch, { recursive: true });
}
