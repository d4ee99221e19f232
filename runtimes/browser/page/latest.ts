/**
 * Work of which only the newest matters: one piece at a time, and of those that come meanwhile the
 * last. (Work in progress is not broken off: without shared memory that would cost the thread, with
 * its networks.)
 */
export class Latest {
  #running = false;
  #next: (() => Promise<void>) | undefined;

  /** True where newer work waits. */
  get waiting(): boolean {
    return this.#next !== undefined;
  }

  /** `work` must not reject. */
  ask(work: () => Promise<void>): void {
    this.#next = work;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#next) {
      const work = this.#next;
      this.#next = undefined;
      await work();
    }
    this.#running = false;
  }
}
