import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Progress } from '../../src/cli/progress.ts';
import { createRandom } from '../accuracy/random.ts';
import { decimals, formatTable } from '../accuracy/table.ts';
import { ContestantProcess } from './contestant-process.ts';
import { git } from './machine.ts';
import type { BenchPicture } from './pictures.ts';
import { addRecalls, compareFaces, type Recall } from './recall.ts';
import { type Estimate, geometricMeanOf, median } from './statistics.ts';

/** The number of times that each picture is answered by both. Even, so that each goes first as often. */
const rounds = 10;

/** Whose time is measured, and against what. */
type Side = 'base' | 'head';

/**
 * Compares the speed of two checkouts on one machine, on one core: each picture is answered by
 * both, one right after the other and in turns first, so that whatever else the machine does meets
 * both alike. Says what moved, and by how much less than that nothing can be told.
 *
 * @param against a folder with a checkout, or a revision of the repository at `head`
 * @param runtime the program of a Node, Bun or Deno that both run on; default: that of this process
 * @returns tables for people
 */
export async function compareCheckouts(
  head: string,
  against: string,
  pictures: readonly BenchPicture[],
  progress: (total: number, label: string) => Progress,
  runtime?: string,
): Promise<string> {
  const base = await checkOut(head, against);
  const start = (checkout: string) =>
    new ContestantProcess('phiz', { instances: 1, checkout }, true, runtime);
  const sides: Record<Side, ContestantProcess> = { base: start(base.folder), head: start(head) };
  const steps = progress(2 * rounds * pictures.length, `answers of this checkout and ${against}`);
  try {
    for (const side of [sides.base, sides.head]) {
      await side.ready();
      for (const { path } of pictures) await side.answer(path);
    }
    const times = pictures.map(() => ({ base: [] as number[], head: [] as number[] }));
    const recalls: Record<Side, Recall[]> = { base: [], head: [] };
    for (let round = 0; round < rounds; round++) {
      const order: readonly Side[] = round % 2 === 0 ? ['base', 'head'] : ['head', 'base'];
      for (const [index, picture] of pictures.entries()) {
        for (const side of order) {
          const { milliseconds, faces } = await sides[side].answer(picture.path);
          times[index]![side].push(milliseconds);
          if (round === 0) recalls[side].push(compareFaces(picture.faces, faces));
          steps.advance();
        }
      }
    }
    steps.clear();
    const memory = { base: (await sides.base.usage()).bytes, head: (await sides.head.usage()).bytes };
    const comparison = formatComparison(against, pictures, times, memory, {
      base: addRecalls(recalls.base),
      head: addRecalls(recalls.head),
    });
    return `${comparison}\n\nBoth: ${sides.head.description}.`;
  } finally {
    await Promise.all([sides.base.close(), sides.head.close()]);
    await base.remove();
  }
}

/** A built checkout: the folder itself, or a revision checked out and built in one of its own. */
async function checkOut(head: string, against: string) {
  const isFolder = await stat(against).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const run = promisify(execFile);
  if (isFolder) {
    const folder = resolve(against);
    await run('npm', ['run', '--silent', 'build'], { cwd: folder });
    return { folder, remove: async () => {} };
  }
  const revision = await git(head, 'rev-parse', '--verify', '--quiet', `${against}^{commit}`).catch(() => {
    throw new Error(`${against} is neither a folder nor a revision of this repository`);
  });
  const parent = await mkdtemp(join(tmpdir(), 'phiz-base-'));
  const folder = join(parent, 'checkout');
  await git(head, 'worktree', 'add', '--detach', folder, revision);
  const remove = async () => {
    await git(head, 'worktree', 'remove', '--force', folder);
    await rm(parent, { recursive: true });
  };
  try {
    const lock = 'package-lock.json';
    const [mine, theirs] = await Promise.all([head, folder].map((each) => git(each, 'hash-object', lock)));
    if (mine === theirs)
      await cp(join(head, 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
    await run('npm', ['run', '--silent', 'build'], { cwd: folder });
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function formatComparison(
  against: string,
  pictures: readonly BenchPicture[],
  times: readonly Record<Side, readonly number[]>[],
  memory: Record<Side, number>,
  recall: Record<Side, Recall>,
): string {
  const random = createRandom(1);
  const ratios = times.map(({ base, head }) => head.map((time, round) => time / base[round]!));
  const rows = pictures.map(({ name }, index) => {
    const ratio = geometricMeanOf([ratios[index]!], random);
    return [
      name,
      decimals(median(times[index]!.base), 1),
      decimals(median(times[index]!.head), 1),
      formatRatio(ratio),
      verdict(ratio),
    ];
  });
  const overall = geometricMeanOf(ratios, random);
  const found = ({ found: faces, marked, falseFinds }: Recall) =>
    `${faces} of ${marked} faces, ${falseFinds} false finds`;
  const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
  return [
    formatTable(
      ['picture', `ms, ${against}`, 'ms, this', 'ratio (95%)', ''],
      [...rows, ['all', '', '', formatRatio(overall), verdict(overall)]],
    ),
    `${against}: ${found(recall.base)}, ${megabytes(memory.base)}; ` +
      `this checkout: ${found(recall.head)}, ${megabytes(memory.head)}.`,
    `Processor time. Ratios below 1: this checkout is faster. The interval is the noise: the bootstrap's over ${rounds} ` +
      'pairs of answers a picture.',
  ].join('\n\n');
}

function formatRatio({ value, low, high }: Estimate): string {
  return `${decimals(value, 3)} (${decimals(low, 3)} to ${decimals(high, 3)})`;
}

function verdict({ value, low, high }: Estimate): string {
  const percent = `${decimals(100 * Math.abs(1 - value), 1)}%`;
  if (high < 1) return `faster by ${percent}`;
  if (low > 1) return `slower by ${percent}`;
  return 'no difference seen';
}
