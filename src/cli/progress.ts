import type { TextSink } from './host.ts';

const barWidth = 24;

/** Milliseconds between two drawings. */
const drawInterval = 100;

/** A progress bar on a terminal; silent in a pipe. */
export interface Progress {
  /** One more is done. */
  advance(): void;
  /** Removes the bar, so that what is written next starts on a clean line. */
  clear(): void;
}

/** @param label what is counted, in the plural: `pictures` */
export function createProgress(sink: TextSink, total: number, label: string): Progress {
  const bar = createBar(sink);
  let done = 0;
  return {
    advance() {
      done++;
      bar.draw(done, total, `${done}/${total} ${label}`);
    },
    clear: bar.clear,
  };
}

/** Progress of work whose amount may show only as it is done. */
export interface BulkProgress {
  /** One more is done. */
  advance(done: { readonly faces?: number; readonly failed?: boolean }): void;
  /** One more was done before, and costs nothing. */
  skip(): void;
  /** Removes the bar, so that what is written next starts on a clean line. */
  clear(): void;
  /** The last line: pictures, faces, failures, pictures a second. */
  summary(): string;
}

/**
 * @param count how many pictures there are; undefined: nobody knows. Asked where there is a terminal.
 */
export function createBulkProgress(sink: TextSink, count: () => Promise<number | undefined>): BulkProgress {
  const bar = createBar(sink);
  const start = performance.now();
  let [done, failed, skipped] = [0, 0, 0];
  let faces: number | undefined;
  let total: number | undefined;
  // A total that cannot be counted stays unknown.
  if (sink.columns !== undefined)
    count()
      .then((counted) => (total = counted))
      .catch(() => {});
  const seconds = () => (performance.now() - start) / 1_000;
  const found = () =>
    [
      `${(done / Math.max(seconds(), 0.001)).toFixed(1)}/s`,
      ...(faces === undefined ? [] : [`${faces} faces`]),
      ...(failed > 0 ? [`${failed} failed`] : []),
    ].join(', ');
  const draw = () => {
    const all = total === undefined ? '' : `/${total}`;
    bar.draw(done, total && total - skipped, `${done + skipped}${all} pictures, ${found()}`);
  };
  return {
    advance(one) {
      done++;
      if (one.faces !== undefined) faces = (faces ?? 0) + one.faces;
      if (one.failed) failed++;
      draw();
    },
    skip() {
      skipped++;
      draw();
    },
    clear: bar.clear,
    summary() {
      const before = skipped > 0 ? `; ${skipped} done before` : '';
      return `${done} ${done === 1 ? 'picture' : 'pictures'} in ${formatSeconds(seconds())}: ${found()}${before}`;
    },
  };
}

/** The bar itself, for what is not counted one by one. */
export interface Bar {
  /**
   * @param total undefined: not known, and only the text is shown
   * @param text what is said beside the bar
   */
  draw(done: number, total: number | undefined, text: string): void;
  clear(): void;
}

export function createBar(sink: TextSink): Bar {
  if (sink.columns === undefined) return { draw() {}, clear() {} };
  const start = performance.now();
  let first: number | undefined;
  let drawn = 0;
  return {
    draw(done, total, text) {
      // Work done before (the first part of a download that goes on) says nothing of the speed.
      first ??= done > 1 ? done : 0;
      const now = performance.now();
      if (now - drawn < drawInterval && done !== total) return;
      drawn = now;
      sink.write(`\r\x1b[K${total === undefined ? text : barOf(done, total, first, now - start, text)}`);
    },
    clear() {
      if (drawn > 0) sink.write('\r\x1b[K');
    },
  };
}

function barOf(done: number, total: number, first: number, milliseconds: number, text: string): string {
  const filled = Math.round((done / total) * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  if (done <= first) return `${bar} ${text}`;
  const secondsLeft = (milliseconds / (done - first) / 1000) * (total - done);
  return `${bar} ${text}, ${formatSeconds(secondsLeft)} left`;
}

function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
