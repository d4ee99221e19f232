import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type * as Browser from '../../runtimes/browser/index.ts';
import { createEngine } from '../../runtimes/node/index.ts';
import { faceCounts, read, samples } from '../contract/samples.ts';
import { withExamplePage } from './example-page.ts';

/** Of all embeddings, bit by bit: people store them for years. */
const digestOf = (embeddings: readonly (readonly number[])[]) =>
  createHash('sha256').update(Float32Array.from(embeddings.flat())).digest('hex');

it('Chromium and Node give the same embeddings of every sample, bit for bit', async () => {
  const pictures = await Promise.all(samples.map(read));
  const engine = await createEngine();
  const inNode: number[][] = [];
  for (const picture of pictures) {
    const { faces } = await engine.extract(picture, { attributes: ['embedding'] });
    inNode.push(...faces.map(({ embedding }) => [...embedding!]));
  }
  await engine.close();
  const faces = Object.values(faceCounts).reduce((sum: number, count) => sum + count, 0);
  expect(inNode).toHaveLength(faces);

  await withExamplePage(async (page) => {
    await page.addScriptTag({
      type: 'module',
      content: "import * as phiz from '/phiz/browser/index.js'; Object.assign(globalThis, { phiz });",
    });
    await page.waitForFunction(() => 'phiz' in globalThis);
    const inChromium = await page.evaluate(
      async (files) => {
        const { phiz } = globalThis as unknown as { readonly phiz: typeof Browser };
        const engine = await phiz.createEngine();
        const embeddings: number[][] = [];
        for (const file of files) {
          const picture = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
          const { faces } = await engine.extract(picture, { attributes: ['embedding'] });
          embeddings.push(...faces.map(({ embedding }) => [...embedding!]));
        }
        await engine.close();
        return embeddings;
      },
      pictures.map((bytes) => bytes.toString('base64')),
    );
    expect(digestOf(inChromium)).toBe(digestOf(inNode));
  });
});
