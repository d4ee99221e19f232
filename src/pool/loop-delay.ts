import { onTurn } from './breathe.ts';

/** Milliseconds of a window; the worst is told of this one and the one before. */
const window = 60_000;

/** The longest turn of the event loop in which there was work for calls. It has no timer: nothing wakes a thread that waits. */
export class LoopDelay {
  readonly #worstOf = new Map<number, number>();
  readonly stop = onTurn((milliseconds) => this.#note(performance.now(), milliseconds));

  /** Milliseconds, of the last minute or two. */
  get worst(): number {
    const now = windowAt(performance.now());
    return Math.max(this.#worstOf.get(now) ?? 0, this.#worstOf.get(now - 1) ?? 0);
  }

  #note(now: number, delay: number): void {
    const current = windowAt(now);
    this.#worstOf.set(current, Math.max(this.#worstOf.get(current) ?? 0, delay));
    for (const past of this.#worstOf.keys()) if (past < current - 1) this.#worstOf.delete(past);
  }
}

const windowAt = (time: number) => Math.floor(time / window);
