import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nodeHost } from '../../../runtimes/node/host.ts';
import { CompactMap, hash64 } from '../../../src/cli/output/compact-map.ts';
import { Journal } from '../../../src/cli/output/journal.ts';
import { splitLines } from '../../../src/cli/output/lines.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-'));
  path = join(folder, 'journal');
});
beforeEach(() => rm(path, { force: true }));
afterAll(() => rm(folder, { recursive: true }));

/** Lines such as `key state text`; without a state they are to be done again. */
const open = () =>
  Journal.open(nodeHost, path, (bytes) => {
    const found = /^(\w+) (\w*) /.exec(new TextDecoder().decode(bytes));
    return found ? { key: found[1]!, state: found[2] || undefined } : undefined;
  });
const entry = (key: string, state: string, text = 'text') => ({
  key,
  state: state || undefined,
  line: `${key} ${state} ${text}`,
});
const written = async () => (await readFile(path, 'utf8')).split('\n').slice(0, -1);

describe('a journal', () => {
  test('knows what an earlier run wrote, and in what state', async () => {
    await (await open()).append([entry('a', '1'), entry('b', '2'), entry('c', '')]);
    const journal = await open();
    expect([journal.has('a', '1'), journal.has('a', '2'), journal.has('c', '1')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([journal.knows('c'), journal.knows('d'), journal.count]).toEqual([true, false, 3]);
  });

  test('takes a torn last line away, wherever it was torn', async () => {
    await (await open()).append([entry('a', '1'), entry('b', '2')]);
    const { length } = await readFile(path);
    for (let size = length - 1; size >= length - 'b 2 text\n'.length; size--) {
      await truncate(path, size);
      const journal = await open();
      expect([journal.knows('a'), journal.knows('b')]).toEqual([true, false]);
      expect(await written()).toEqual(['a 1 text']);
      await journal.append([entry('b', '2')]);
    }
    expect(await written()).toEqual(['a 1 text', 'b 2 text']);
  });

  test('keeps the last line about a thing, when it is tidied', async () => {
    const journal = await open();
    await journal.append([entry('a', '1', 'old'), entry('b', '2'), entry('a', '3', 'new')]);
    await journal.tidy();
    expect(await written()).toEqual(['b 2 text', 'a 3 new']);
    await journal.append([entry('c', '4')]);
    // An end before that leaves both, and the next run sees it.
    await journal.append([entry('b', '5', 'new')]);
    const next = await open();
    expect(next.has('b', '5')).toBe(true);
    await next.tidy();
    expect(await written()).toEqual(['a 3 new', 'c 4 text', 'b 5 new']);
  });

  test('refuses a file that is something else, and one that somebody else writes to', async () => {
    await writeFile(path, 'dear diary\n');
    await expect(open()).rejects.toThrow('is there, and is not what an earlier run wrote');
    expect(await readFile(path, 'utf8')).toBe('dear diary\n');
    await rm(path);
    const [one, two] = [await open(), await open()];
    await one.append([entry('a', '1')]);
    await expect(two.append([entry('b', '1')])).rejects.toThrow('changed by another program');
    expect(await written()).toEqual(['a 1 text']);
  });
});

test('lines are those of the text, wherever its parts end', async () => {
  const bytes = new TextEncoder().encode('one\n\ntwö\nthree');
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const wholes: boolean[] = [];
    const parts = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })();
    for await (const line of splitLines(parts, () => 10)) {
      lines.push(new TextDecoder().decode(line.bytes));
      wholes.push(line.whole);
      expect(line.end).toBe(new TextEncoder().encode(`${lines.join('\n')}${line.whole ? '\n' : ''}`).length);
    }
    expect(lines).toEqual(['one', '', 'twö', 'three']);
    expect(wholes).toEqual([true, true, true, false]);
  }
});

test('a million paths are told apart', () => {
  const map = new CompactMap();
  const pathOf = (index: number) => `archive/${index % 1_000}/IMG_${index}.jpg`;
  for (let index = 0; index < 1_000_000; index++) map.set(pathOf(index), index);
  expect(map.size).toBe(1_000_000);
  let wrong = 0;
  for (let index = 0; index < 1_000_000; index++) if (map.get(pathOf(index)) !== index) wrong++;
  expect(wrong).toBe(0);
  expect(map.get('archive/0/IMG_1000000.jpg')).toBeUndefined();
});

test('each bit of a hash is as often set as not, and falls with any letter', () => {
  const flips = Array.from({ length: 64 }, () => 0);
  const texts = 20_000;
  const bits = (text: string) =>
    hash64(text).flatMap((half) => Array.from({ length: 32 }, (_, i) => (half >>> i) & 1));
  for (let index = 0; index < texts; index++) {
    const [one, other] = [bits(`p/${index}.jpg`), bits(`p/${index}.jpe`)];
    for (const [i, bit] of one.entries()) if (bit !== other[i]) flips[i]!++;
  }
  for (const count of flips) expect(Math.abs(count / texts - 0.5)).toBeLessThan(0.05);
});
