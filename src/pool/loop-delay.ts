/** Milliseconds between two looks. */
const period = 20;

/** Milliseconds for which it is looked on after the last call: what is written last is written then. */
const afterglow = 1_000;

/** Milliseconds of a window; the worst is told of this one and the one before. */
const window = 60_000;

/** The longest delay of a timer that is due, measured while there are calls: nothing wakes an idle service. */
export class LoopDelay {
  #calls = 0;
  #lastCall = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #worstOf = new Map<number, number>();

  /** Milliseconds, of the last minute or two. */
  get worst(): number {
    const now = windowAt(performance.now());
    return Math.max(this.#worstOf.get(now) ?? 0, this.#worstOf.get(now - 1) ?? 0);
  }

  callBegins(): void {
    this.#calls++;
    if (this.#timer === undefined) this.#look();
  }

  callEnds(): void {
    this.#calls--;
    this.#lastCall = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const due = performance.now() + period;
    this.#timer = setTimeout(() => {
      const now = performance.now();
      this.#note(now, now - due);
      if (this.#calls > 0 || now - this.#lastCall < afterglow) this.#look();
      else this.#timer = undefined;
    }, period);
  }

  #note(now: number, delay: number): void {
    const current = windowAt(now);
    this.#worstOf.set(current, Math.max(this.#worstOf.get(current) ?? 0, delay));
    for (const past of this.#worstOf.keys()) if (past < current - 1) this.#worstOf.delete(past);
  }
}

const windowAt = (time: number) => Math.floor(time / window);
