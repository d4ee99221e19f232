import { onAbort } from '../on-abort.ts';

/**
 * Settles as `work` does, or at the latest when a signal aborts, whether the work listens to it or not.
 *
 * @param grace milliseconds after that for work that ends by itself
 */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  grace = 0,
): Promise<T> {
  signal.throwIfAborted();
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const giveUp = () => reject(signal.reason);
    const abort = () => {
      if (grace > 0) timer = setTimeout(giveUp, grace);
      else giveUp();
    };
    const stopListening = onAbort(signal, abort);
    forget = () => {
      clearTimeout(timer);
      stopListening();
    };
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    forget();
  }
}

/** {@link untilAborted}, by a signal that aborts with `parent`, or with `late` after some milliseconds. */
export async function withDeadline<T>(
  parent: AbortSignal,
  milliseconds: number,
  late: Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const controller = new AbortController();
  const forget = onAbort(parent, () => controller.abort(parent.reason));
  const timer = setTimeout(() => controller.abort(late), milliseconds);
  try {
    return await untilAborted(controller.signal, work);
  } finally {
    clearTimeout(timer);
    forget();
  }
}
