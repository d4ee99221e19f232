import { type Contender, type Contest, start } from './contest.ts';
import type { ContestantProcess } from './contestant-process.ts';
import { median } from './statistics.ts';

/** Times of pictures that are answered by one core, and by all. */
export interface IdleCores {
  readonly cores: number;
  /** See {@link IdleContest}. */
  readonly answersBefore: number;
  readonly rows: readonly {
    readonly picture: string;
    /** Milliseconds by the clock, medians. */
    readonly one: number;
    readonly all: number;
    /** The median of the ratios of all to one, of answers one right after the other. */
    readonly ratio: number;
    /**
     * The same of as many pictures at once as there are cores, for each of them: what the machine gives where no core
     * waits for another. Cores that are slower together than alone keep it above one by their number.
     */
    readonly best: number;
  }[];
}

/** Answers of each side to a picture before the clock runs. */
const warmUps = 6;

interface IdleContest extends Omit<Contest, 'rounds'> {
  /** Pairs of answers a picture. */
  readonly pairs: number;
  /**
   * Answers of each side to the first picture, before anything is measured. V8 compiles what an instance has often
   * done, in threads of its own, which take cores from one that is to be helped: 75 ms for each of its answers from the
   * 7th to the 21st with two instances, 34 with one; after a hundred next to nothing.
   */
  readonly answersBefore: number;
}

/**
 * Answers pictures one at a time: in turns by a process that is kept to one core, with one instance, and by
 * one with an instance for each core, all but one of which have nothing to do but help. The clock counts, so
 * that the machine must do nothing else.
 */
export async function measureIdleCores(
  contender: Contender,
  { checkout, cores, pictures, pairs, answersBefore, onAnswer }: IdleContest,
): Promise<IdleCores> {
  const one = start(contender, checkout, 1, true);
  const all = start(contender, checkout, cores, false);
  try {
    await Promise.all([one.ready(), all.ready()]);
    const answerOften = async (path: string, times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        await one.answer(path);
        await all.answer(path);
      }
    };
    const rows: IdleCores['rows'][number][] = [];
    for (const { name, path } of pictures) {
      await answerOften(path, rows.length === 0 ? answersBefore : warmUps);
      const times: { one: number; all: number; each: number }[] = [];
      for (let pair = 0; pair < pairs; pair++) {
        times.push({
          one: await clocked(one, path),
          all: await clocked(all, path),
          each: (await clocked(all, path, cores)) / cores,
        });
        onAnswer();
      }
      rows.push({
        picture: name,
        one: median(times.map((pair) => pair.one)),
        all: median(times.map((pair) => pair.all)),
        ratio: median(times.map((pair) => pair.all / pair.one)),
        best: median(times.map((pair) => pair.each / pair.one)),
      });
    }
    return { cores, answersBefore, rows };
  } finally {
    await Promise.all([one.close(), all.close()]);
  }
}

/** Milliseconds until a picture is answered, so many times at once. */
async function clocked(process: ContestantProcess, path: string, times = 1): Promise<number> {
  const began = performance.now();
  await Promise.all(Array.from({ length: times }, () => process.answer(path)));
  return performance.now() - began;
}
