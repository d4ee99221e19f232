import type { PhizError } from '../errors.ts';
import { ShareBox } from '../nn/share-box.ts';
import type { Pass } from '../nn/shared-pass.ts';
import type { InstanceSettings } from '../pipeline/settings.ts';
import type { Thread, ThreadPlatform } from '../platform.ts';
import { copiedBytes } from './breathe.ts';
import {
  type Answer,
  Control,
  canShareMemory,
  type FromThread,
  fromPlainError,
  type Task,
  type ToThread,
} from './protocol.ts';

/** The thread is gone, and the task that it had with it. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
}

/** Milliseconds. */
export interface ThreadLimits {
  /** For loading the networks. */
  readonly start: number;
  /** Between two checkpoints; without shared memory, for a whole task. A thread beyond it hangs. */
  readonly stall: number;
  /** From giving up a task to its next checkpoint; a thread beyond it is stopped. */
  readonly yield: number;
}

export interface ThreadOptions {
  readonly startThread: () => Thread;
  readonly platform: ThreadPlatform;
  readonly settings: InstanceSettings;
  readonly limits: ThreadLimits;
  /** Called whenever the thread can take a task. */
  readonly onIdle: () => void;
  /** Called once, when the thread is gone without having been asked to. */
  readonly onLost: (reason: ThreadLost) => void;
  /** Called once, when no instance can be had with these settings. */
  readonly onRefused: (reason: PhizError) => void;
}

/** Who is told how a task ended. */
export interface Settle<Kind extends Task['kind'] = Task['kind']> {
  resolve(answer: Answer<Kind>): void;
  /** With a PhizError, or with {@link ThreadLost}. */
  reject(reason: Error): void;
  /** Has a share of a pass taken elsewhere, or the box missed. */
  help?(pass: Pass, box: ShareBox): void;
}

/** The pool's view of one thread with one instance: at most one task at a time. */
export class InstanceThread {
  /** The backend of each network by the network's id; undefined until the networks are loaded. */
  networks: Readonly<Record<string, string>> | undefined;
  state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting';
  /** True where the thread had a task since it was last told to rest. */
  worked = true;
  readonly #options: ThreadOptions;
  readonly #thread: Thread;
  readonly #control = canShareMemory ? new Control() : undefined;
  #lastId = 0;
  /** Tasks that were pieces of a call, not help for others. */
  #pieces = 0;
  #current: { readonly id: number; readonly settle: Settle } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#thread = options.startThread();
    this.#thread.onMessage((message) => this.#receive(message as FromThread));
    this.#thread.onExit((reason) => this.#lose(reason.message));
    this.#post({
      type: 'start',
      settings: options.settings,
      platform: { name: options.platform.name, cores: options.platform.cores },
      ...(this.#control && { control: this.#control.buffer }),
    });
    this.#allow(options.limits.start, 'loading the networks');
  }

  get loaded(): boolean {
    return this.networks !== undefined;
  }

  /** True after the first picture, which takes many times as long until its code is compiled well. */
  get warm(): boolean {
    return this.#pieces > 2;
  }

  /** Gives an idle thread a task. `settle` is told before `onIdle` is. */
  run(task: Task, settle: Settle): void {
    const id = ++this.#lastId;
    this.state = 'busy';
    this.worked = true;
    this.#current = { id, settle };
    if (task.kind !== 'help') this.#pieces++;
    if (task.kind === 'locate' && task.picture.bytes) void this.#send(id, task, task.picture.bytes);
    else this.#post({ type: 'task', id, task });
    const { stall } = this.#options.limits;
    // Whoever waits for a pass stands still meanwhile: it is to see the helper lost before it seems to hang itself.
    this.#watch(task.kind === 'help' ? stall / 2 : stall, this.#control?.beats);
  }

  /** Tells the instance how many others could help it. */
  set idleOthers(instances: number) {
    if (this.#control) this.#control.idle = instances;
  }

  /** Lets go of a picture that was kept open. */
  close(picture: number): void {
    if (this.state !== 'gone') this.#post({ type: 'close', picture });
  }

  /** Has a thread without a task collect its garbage. */
  rest(): void {
    this.worked = false;
    this.#post({ type: 'rest' });
  }

  /** Ends the current task at its next checkpoint, or else with the thread. */
  abandon(): void {
    if (!this.#current) return;
    if (this.#control) this.#control.abandoned = this.#current.id;
    this.#allow(this.#options.limits.yield, 'giving up a task');
  }

  /** Stops the thread, whatever it is doing. */
  async stop(): Promise<void> {
    this.#leave('the thread was stopped');
    await this.#thread.stop();
  }

  #receive(message: FromThread): void {
    if (this.state === 'gone') return;
    switch (message.type) {
      case 'asset':
        this.#sendAsset(message.name);
        return;
      case 'broken':
        this.#lose(message.reason);
        return;
      case 'refused':
        this.#leave(message.error.message);
        void this.#thread.stop();
        this.#options.onRefused(fromPlainError(message.error));
        return;
      case 'ready':
        this.networks = message.networks;
        this.#becomeIdle();
        return;
      case 'done':
      case 'failed': {
        const task = this.#current;
        if (task?.id !== message.id) return;
        if (message.type === 'done') task.settle.resolve(message.answer);
        else task.settle.reject(fromPlainError(message.error));
        this.#becomeIdle();
        return;
      }
      case 'help':
        this.#help(message.pass, new ShareBox(message.box));
    }
  }

  #becomeIdle(): void {
    clearTimeout(this.#timer);
    this.#current = undefined;
    this.state = 'idle';
    this.#options.onIdle();
  }

  #help(pass: Pass, box: ShareBox): void {
    const { help } = this.#current?.settle ?? {};
    if (help) help(pass, box);
    else box.miss();
  }

  /** Sends a task with a copy of its picture, which may be a part of a larger buffer; the picture is kept for a retry. */
  async #send(id: number, task: Task & { kind: 'locate' }, picture: Uint8Array): Promise<void> {
    const bytes = await copiedBytes(picture);
    if (this.state === 'gone') return;
    this.#post({ type: 'task', id, task: { ...task, picture: { ...task.picture, bytes } } }, [bytes.buffer]);
  }

  #sendAsset(name: string): void {
    this.#options.platform.readAsset(name).then(
      (bytes) => this.#post({ type: 'asset', name, bytes }),
      (error: Error) => this.#post({ type: 'asset', name, error: error.message }),
    );
  }

  #post(message: ToThread, transfer?: readonly ArrayBufferLike[]): void {
    this.#thread.post(message, transfer);
  }

  /** Stops a thread that passes no checkpoint in time. */
  #watch(stall: number, beats: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const now = this.#control?.beats;
      if (now === beats) this.#lose(`no progress for ${stall} ms`);
      else this.#watch(stall, now);
    }, stall);
  }

  #allow(milliseconds: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(`${what} took longer than ${milliseconds} ms`), milliseconds);
  }

  #lose(reason: string): void {
    if (this.state === 'gone') return;
    const lost = this.#leave(reason);
    void this.#thread.stop();
    this.#options.onLost(lost);
  }

  #leave(reason: string): ThreadLost {
    clearTimeout(this.#timer);
    this.state = 'gone';
    const lost = new ThreadLost(reason);
    this.#current?.settle.reject(lost);
    this.#current = undefined;
    return lost;
  }
}
