import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { iou } from '../../src/image/geometry.ts';
import type { WireFacesV1 } from '../../src/server/answer-schema.ts';
import { asHeic, oneOfEach } from '../image/one-of-each.ts';
import { expectToStopAtOnce } from '../operations/stops-at-once.ts';
import { type CommandLine, commandLines } from './runtimes.ts';

type Line = WireFacesV1 & { readonly error?: { readonly code: string; readonly desc: string } };

/** What a command line finds in pictures, or says of them; it fails where one of them fails. */
function extract([program, ...args]: CommandLine, pictures: readonly string[]): Promise<Line[]> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args, 'extract', '--need', 'age', ...pictures],
      { maxBuffer: 2 ** 26 },
      (error, stdout) => {
        const lines = stdout.trim().split('\n');
        try {
          resolve(lines.map((line) => JSON.parse(line) as Line));
        } catch {
          reject(error);
        }
      },
    );
  });
}

const boxes = ({ faces }: WireFacesV1) => faces.map(({ bbox }) => bbox);

/** Faces of two readings of one photograph lie in the same places. */
function expectSame(found: Line, reference: Line): void {
  expect(found.error).toBeUndefined();
  expect(boxes(reference).length).toBeGreaterThan(0);
  expect(boxes(found)).toHaveLength(boxes(reference).length);
  for (const box of boxes(found)) {
    expect(Math.max(...boxes(reference).map((other) => iou(box, other)))).toBeGreaterThan(0.75);
  }
}

const everywhere = commandLines(inject('bare'), inject('alone'));

describe('the same photograph in every format', () => {
  let folder: string;
  let names: string[];
  let heic: Uint8Array | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phiz-formats-'));
    const files = await oneOfEach();
    for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
    names = [...files.keys()].map((name) => join(folder, name));
    heic = await asHeic();
    if (heic) await writeFile(join(folder, 'photo.heic'), heic);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(everywhere)('has the same faces: %s', async (_, commandLine) => {
    const [reference, ...others] = await extract(commandLine, names);
    for (const other of others) expectSame(other, reference!);
  });

  it('HEIC is named where there is no decoder; where one is beside phiz it is read, and given up at once', async ({
    skip,
  }) => {
    if (!heic) return skip('heif-enc, which makes the picture, is not installed');
    const [, node] = everywhere[0]!;
    const [without] = await extract(node, [join(folder, 'photo.heic')]);
    expect(without!.error).toEqual({
      code: 'IMAGE_DECODING_FAILED',
      desc: expect.stringMatching(
        /^Failed to decode: a HEIC picture.*npm install libheif-js.*save it as JPEG/,
      ),
    });
    for (const place of [inject('bare'), inject('alone')]) {
      await cp('test/runtimes/node_modules/libheif-js', join(place, 'node_modules/libheif-js'), {
        recursive: true,
      });
    }
    for (const [, commandLine] of everywhere) {
      const [reference, read] = await extract(commandLine, [names[0]!, join(folder, 'photo.heic')]);
      expectSame(read!, reference!);
    }
    const { createEngine }: typeof import('../../runtimes/node/index.ts') = await import(
      join(inject('bare'), 'node/index.js')
    );
    const engine = await createEngine({ instances: 1 });
    await expectToStopAtOnce(engine, (await asHeic(3_000))!);
    await engine.close();
  });
});
