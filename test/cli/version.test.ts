import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { phiz } from './phiz.ts';

const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

it('writes the version', async () => {
  expect(await phiz('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  expect((await phiz('-V')).stdout).toBe(`${version}\n`);
});

it('says what runs each network', async () => {
  const { stdout, code } = await phiz('--version', '--verbose');
  expect(code).toBe(0);
  const [first, ...networks] = stdout.trim().split('\n');
  expect(first).toBe(`phiz ${version} on Node ${process.versions.node}`);
  expect(networks[0]).toBe('facens: mobilefacenet+face-recognition, version 4, 320 numbers, findface scale');
  const kernels = 'phiz kernels, WASM SIMD, 16-bit integers';
  for (const id of ['ssd-mobilenetv1', 'blazeface-any-size', 'age-gender', 'mobilefacenet']) {
    expect(networks).toContain(`${id}: ${kernels}`);
  }
});

it('knows no other command', async () => {
  const { stderr, code } = await phiz('extrct');
  expect(code).toBe(2);
  expect(stderr).toContain("unknown command 'extrct'");
});
