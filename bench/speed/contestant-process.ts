import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Box } from '../../src/image/geometry.ts';
import type { ContestantOptions, FromContestant, ToContestant, Usage } from './protocol.ts';

export interface TimedAnswer {
  /** Of processor time. */
  readonly milliseconds: number;
  readonly faces: readonly Box[];
}

/** Milliseconds in which a contestant must have loaded, or answered a picture. */
const patience = 120_000;

/** True where a process can be kept to one core here. */
export const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** A contestant at work in a process of its own. */
export class ContestantProcess {
  description = '';
  /** Milliseconds from the start of its program to its being ready. */
  startTime = 0;
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  readonly #waiting = new Map<
    number,
    { resolve: (answer: TimedAnswer) => void; reject: (e: Error) => void }
  >();
  #onUsage: ((usage: Usage) => void) | undefined;
  #lastId = 0;
  #failure: Error | undefined;

  /**
   * @param program name of a built program beside this one
   * @param pinned keeps it, threads and all, to one core, where {@link canPin}
   * @param runtime the program of a Node, Bun or Deno; default: that of this process
   */
  constructor(program: string, options: ContestantOptions, pinned: boolean, runtime = process.execPath) {
    // Deno grants a program nothing by itself.
    const rights = basename(runtime).startsWith('deno') ? ['run', '--allow-all'] : [];
    const command = [runtime, ...rights, fileURLToPath(new URL(`${program}.js`, import.meta.url))];
    const [file, ...args] = pinned && canPin ? ['taskset', '-c', '0', ...command] : command;
    this.#child = spawn(file!, [...args, JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ready = new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#fail(`${program} did not load within ${patience} ms`);
        reject(this.#failure);
      }, patience);
      this.#child.on('message', (message: FromContestant) => {
        if (message.type === 'ready') {
          clearTimeout(late);
          this.description = message.description;
          this.startTime = message.milliseconds;
          resolve();
        } else this.#receive(message);
        if (this.#failure) reject(this.#failure);
      });
      this.#child.once('exit', (code, signal) => {
        clearTimeout(late);
        this.#fail(`${program} ended (${signal ?? `code ${code}`})`);
        reject(this.#failure);
      });
    });
    this.#ready.catch(() => {});
  }

  /** Rejects where the contestant cannot be loaded. */
  ready(): Promise<void> {
    return this.#ready;
  }

  async answer(path: string): Promise<TimedAnswer> {
    if (this.#failure) throw this.#failure;
    const id = ++this.#lastId;
    const late = setTimeout(() => this.#fail(`no answer within ${patience} ms to ${path}`), patience);
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#post({ type: 'answer', id, path });
      });
    } finally {
      clearTimeout(late);
      this.#waiting.delete(id);
    }
  }

  usage(): Promise<Usage> {
    return new Promise((resolve) => {
      this.#onUsage = resolve;
      this.#post({ type: 'usage' });
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => void this.#child.once('exit', () => resolve()));
    this.#post({ type: 'close' });
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
  }

  #post(message: ToContestant): void {
    // A process that has just ended is told of by its exit.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #receive(message: Exclude<FromContestant, { type: 'ready' }>): void {
    switch (message.type) {
      case 'answer':
        this.#waiting.get(message.id)?.resolve(message);
        return;
      case 'usage':
        this.#onUsage?.(message);
        return;
      case 'failed':
        this.#fail(message.reason);
    }
  }

  #fail(reason: string): void {
    this.#failure ??= new Error(reason);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
  }
}
