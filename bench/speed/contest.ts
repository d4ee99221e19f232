import { ContestantProcess } from './contestant-process.ts';
import type { BenchPicture } from './pictures.ts';
import { addRecalls, compareFaces, type Recall } from './recall.ts';
import { median } from './statistics.ts';

/** As large as any picture: then phiz looks at all of it once, no larger than it has to be. */
const anyPicture = 6000;

/** Who competes. The first is what the others are compared with. */
export const contestants: readonly Contender[] = [
  { id: 'phiz', program: 'phiz', title: 'phiz', threads: true },
  { id: 'phiz-once', program: 'phiz', title: 'phiz, one look', threads: true, leastFace: anyPicture },
  { id: 'phiz-http', program: 'phiz-http', title: 'phiz over HTTP', threads: true },
  { id: 'human', program: 'human', title: '@vladmandic/human', threads: false },
  { id: 'face-api', program: 'face-api', title: '@vladmandic/face-api', threads: false },
  { id: 'native', program: 'native', title: 'native: sharp, onnxruntime-node', threads: false },
];

export interface Contender {
  readonly id: string;
  /** The name of its program in contestants/. */
  readonly program: string;
  /** For people. */
  readonly title: string;
  /** True: one process uses all cores; false: one process a core is started. */
  readonly threads: boolean;
  /** See {@link ContestantOptions}. */
  readonly leastFace?: number;
}

/** A contender at work in a process of its own. */
export function start(
  { program, leastFace }: Contender,
  checkout: string,
  instances: number,
  pinned: boolean,
): ContestantProcess {
  const options = { instances, checkout, ...(leastFace !== undefined && { leastFace }) };
  return new ContestantProcess(program, options, pinned);
}

/** The figures of a contestant that did the work. */
export interface Throughput {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Pictures in a second, each time that all of them were answered. */
  readonly picturesPerSecond: readonly number[];
  readonly recall: Recall;
  /** Milliseconds of a core for a picture. */
  readonly processorTime: number;
  /** Bytes of memory at most, of all its processes. */
  readonly peakMemory: number;
  /** Milliseconds from the start of a process to its networks being loaded. */
  readonly startTime: number;
}

/** Milliseconds of processor time for each picture, in the order of the pictures. */
export interface Latency {
  readonly id: string;
  readonly title: string;
  readonly milliseconds: readonly number[];
}

/** A contestant that could not do the work, and why. */
export interface Failure {
  readonly id: string;
  readonly title: string;
  readonly failure: string;
}

export interface Contest {
  readonly checkout: string;
  readonly cores: number;
  readonly pictures: readonly BenchPicture[];
  /** The number of times that all pictures are answered. */
  readonly rounds: number;
  /** Called for every picture that was answered. */
  readonly onAnswer: () => void;
}

/** Pictures that a contestant with threads is given at once, for each core: one at work, one to follow. */
const picturesPerCore = 2;

/** Answers all pictures on all cores, several times, and tells how long that took. */
export async function measureThroughput(
  contender: Contender,
  { checkout, cores, pictures, rounds, onAnswer }: Contest,
): Promise<Throughput | Failure> {
  const { id, title, threads } = contender;
  const count = threads ? 1 : cores;
  const processes = Array.from({ length: count }, () =>
    start(contender, checkout, threads ? cores : 1, false),
  );
  // A queue of work for each picture that may be at work; the largest come first, as the end is then even.
  const lanes = threads ? Array.from({ length: cores * picturesPerCore }, () => processes[0]!) : processes;
  const queue = pictures.toSorted((a, b) => b.width * b.height - a.width * a.height);

  const answerAll = async (work: readonly BenchPicture[]): Promise<Recall[]> => {
    const recalls: Recall[] = [];
    let next = 0;
    await Promise.all(
      lanes.map(async (process) => {
        for (let picture = work[next++]; picture; picture = work[next++]) {
          const { faces } = await process.answer(picture.path);
          recalls.push(compareFaces(picture.faces, faces));
          onAnswer();
        }
      }),
    );
    return recalls;
  };

  try {
    await Promise.all(processes.map((process) => process.ready()));
    // Every process compiles what it needs before the clock runs.
    await Promise.all(lanes.map((process) => process.answer(smallest(pictures).path)));
    const before = await Promise.all(processes.map((process) => process.usage()));
    const picturesPerSecond: number[] = [];
    let recalls: Recall[] = [];
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      recalls = await answerAll(queue);
      picturesPerSecond.push((1_000 * queue.length) / (performance.now() - start));
    }
    const after = await Promise.all(processes.map((process) => process.usage()));
    const used =
      sum(after.map(({ milliseconds }) => milliseconds)) -
      sum(before.map(({ milliseconds }) => milliseconds));
    return {
      id,
      title,
      description: processes[0]!.description,
      picturesPerSecond,
      recall: addRecalls(recalls),
      processorTime: used / (rounds * queue.length),
      peakMemory: sum(after.map(({ bytes }) => bytes)),
      startTime: median(processes.map(({ startTime }) => startTime)),
    };
  } catch (error) {
    return { id, title, failure: error instanceof Error ? error.message : String(error) };
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}

/**
 * Answers one picture after the other on one core. The contestants take turns at each picture, so
 * that whatever else the machine does meets all alike.
 */
export async function measureLatency(
  contenders: readonly Contender[],
  { checkout, pictures, rounds, onAnswer }: Contest,
): Promise<(Latency | Failure)[]> {
  const racers = contenders.map((contender) => ({
    contender,
    process: start(contender, checkout, 1, true),
    times: pictures.map((): number[] => []),
    failure: undefined as string | undefined,
  }));
  for (const racer of racers) {
    const { process } = racer;
    try {
      await process.ready();
      for (let warmUp = 0; warmUp < 2; warmUp++) await process.answer(smallest(pictures).path);
    } catch (error) {
      racer.failure = error instanceof Error ? error.message : String(error);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [index, { path }] of pictures.entries()) {
      for (const racer of racers) {
        onAnswer();
        if (racer.failure !== undefined) continue;
        try {
          racer.times[index]!.push((await racer.process.answer(path)).milliseconds);
        } catch (error) {
          racer.failure = error instanceof Error ? error.message : String(error);
        }
      }
    }
  }
  await Promise.all(racers.map(({ process }) => process.close()));
  return racers.map(({ contender: { id, title }, times, failure }) =>
    failure === undefined ? { id, title, milliseconds: times.map(median) } : { id, title, failure },
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function smallest(pictures: readonly BenchPicture[]): BenchPicture {
  return pictures.reduce((least, each) =>
    each.width * each.height < least.width * least.height ? each : least,
  );
}
