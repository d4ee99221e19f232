/**
 * Runs `work` with a signal that aborts with `parent`, or with `late` after some milliseconds.
 * Settles at the latest when that signal aborts, whether the work listens to it or not.
 */
export async function withDeadline<T>(
  parent: AbortSignal,
  milliseconds: number,
  late: Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const abort = () => controller.abort(parent.reason);
  parent.addEventListener('abort', abort);
  const timer = setTimeout(() => controller.abort(late), milliseconds);
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', abort);
  }
}
