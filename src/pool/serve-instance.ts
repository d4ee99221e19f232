import { PhizError } from '../errors.ts';
import type { Face } from '../face/face.ts';
import { ShareBox } from '../nn/share-box.ts';
import type { Helpers, Pass, TakeShares } from '../nn/shared-pass.ts';
import type { ExtractOptions } from '../pipeline/extraction.ts';
import type { InstanceSettings } from '../pipeline/settings.ts';
import type { Instance, Located, LocatedOutcome, OpenPicture } from '../pipeline/work.ts';
import type { ThreadPlatform } from '../platform.ts';
import {
  type Answer,
  Control,
  type FromThread,
  facesPerTask,
  type PlainOutcome,
  type Subject,
  type Task,
  type ToThread,
  toPlainError,
  toPlainOutcome,
} from './protocol.ts';

/** Makes an instance out of what the pool was configured with. */
export type CreateInstance<Settings extends InstanceSettings> = (
  platform: ThreadPlatform,
  settings: Settings,
) => Instance;

/** The thread's end of its message channel. */
export interface Channel {
  /** Transferred buffers move without a copy. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Collects the thread's garbage, where the runtime can be asked to. */
  collectGarbage?(): void;
}

/** The program of a thread: one instance that does what the pool says, one piece of work at a time. */
export function serveInstance<Settings extends InstanceSettings>(
  channel: Channel,
  create: CreateInstance<Settings>,
): void {
  const post = (message: FromThread, transfer?: readonly ArrayBuffer[]): void =>
    channel.post(message, transfer);
  const assets = new AssetRequests((name) => post({ type: 'asset', name }));
  let instance: Instance;
  let control: Control | undefined;
  const open = new Map<number, OpenPicture>();
  /** The picture that is looked at. */
  let current: OpenPicture | undefined;
  const help = new HelpRequests(
    () => control?.idle ?? 0,
    (pass, { memory }) => post({ type: 'help', pass, box: memory }),
  );

  channel.onMessage((message) => {
    receive(message as ToThread<Settings>).catch((error: unknown) => {
      post({
        type: 'broken',
        reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    });
  });

  async function receive(message: ToThread<Settings>): Promise<void> {
    switch (message.type) {
      case 'start':
        if (message.control) control = new Control(message.control);
        try {
          instance = create(
            { ...message.platform, readAsset: (name) => assets.read(name), helpers: help },
            message.settings,
          );
          post({ type: 'ready', networks: await instance.ready() });
        } catch (error) {
          if (!(error instanceof PhizError)) throw error;
          post({ type: 'refused', error: toPlainError(error) });
        }
        return;
      case 'asset':
        assets.settle(message);
        return;
      case 'task':
        try {
          const answer = await perform(message.task, () => checkpoint(message.id));
          post({ type: 'done', id: message.id, answer }, memoryOf(answer));
        } catch (error) {
          if (!(error instanceof PhizError)) throw error;
          post({ type: 'failed', id: message.id, error: toPlainError(error) });
        }
        return;
      case 'close':
        forget(message.picture);
        return;
      case 'rest':
        channel.collectGarbage?.();
    }
  }

  async function perform(task: Task, checkpoint: () => void): Promise<Answer> {
    if (task.kind === 'help') {
      new ShareBox(task.box).fill(await instance.help(task.pass, checkpoint));
      return undefined;
    }
    help.forgetReturned();
    if (task.kind === 'describe') {
      return instance.describe(task.faces, task.attributes, checkpoint, task.chips);
    }
    const outcome = await located(task, checkpoint);
    if (!outcome.ok) return toPlainOutcome(outcome);
    const { value } = outcome;
    // A usual picture and what is said of its faces are one piece, unless others could help with that.
    const isOnePiece = value.aligned && value.faces.length <= facesPerTask && help.idle === 0;
    return isOnePiece ? describedAtOnce(value, task.request, checkpoint) : outcome;
  }

  /** The faces of a request in its picture, which is closed then unless it is to stay open. */
  async function located(
    { picture, request }: Task & { kind: 'locate' },
    checkpoint: () => void,
  ): Promise<LocatedOutcome> {
    const looked = await opened(picture, checkpoint);
    current = looked;
    try {
      const [outcome] = await instance.locate(looked, [request], checkpoint);
      return outcome!;
    } finally {
      current = undefined;
      if (open.get(picture.id) !== looked) looked.picture.close?.();
    }
  }

  /** Closes a picture that was kept open; one that is looked at is closed after that. */
  function forget(id: number): void {
    const picture = open.get(id);
    open.delete(id);
    if (picture !== current) picture?.picture.close?.();
  }

  /** Faces that are described where they were located. */
  async function describedAtOnce(
    { faces, timings, ...located }: Located & { readonly aligned: true },
    { attributes = [], chips }: ExtractOptions,
    checkpoint: () => void,
  ): Promise<PlainOutcome> {
    try {
      const described = await instance.describe(faces, attributes, checkpoint, chips);
      const all = { faces: described.faces, timings: { ...timings, ...described.timings } };
      return { ok: true, value: { ...located, aligned: false, ...all } };
    } catch (error) {
      if (!(error instanceof PhizError)) throw error;
      return { ok: false, error: toPlainError(error) };
    }
  }

  /** A picture that is open, or is opened now. @throws PhizError of the picture */
  async function opened(
    { id, bytes, requests, keep }: Subject,
    checkpoint: () => void,
  ): Promise<OpenPicture> {
    const known = open.get(id);
    if (known) return known;
    if (!bytes) throw new Error(`picture ${id} is not open`);
    const picture = await instance.open(bytes, requests, checkpoint);
    if (keep) open.set(id, picture);
    return picture;
  }

  function checkpoint(task: number): void {
    control?.beat();
    if (control?.abandoned === task) throw new PhizError('TIMEOUT', 'the work was given up');
  }
}

/**
 * The memory that an answer takes with it. A chip has its own: not shared memory, which garbage collectors do
 * not count, so that a service kept hundreds of chips for nothing.
 */
function memoryOf(answer: Answer): ArrayBuffer[] {
  if (!answer) return [];
  const faces: readonly Face[] = 'faces' in answer ? answer.faces : answer.ok ? answer.value.faces : [];
  return faces.flatMap(({ chip, png }) => {
    const bytes = png instanceof Uint8Array ? png : chip?.data;
    return bytes ? [bytes.buffer as ArrayBuffer] : [];
  });
}

/** Passes that this thread asks others to take a share of, for as long as it knows of some that are idle. */
class HelpRequests implements Helpers {
  readonly #announced: () => number;
  readonly #ask: (pass: Pass, box: ShareBox) => void;
  /** Helpers that returned, and were not asked again: the pool may not have heard of it yet, and not count them. */
  #returned = 0;
  /** For other passes. */
  readonly #boxes: ShareBox[] = [];

  constructor(announced: () => number, ask: (pass: Pass, box: ShareBox) => void) {
    this.#announced = announced;
    this.#ask = ask;
  }

  get idle(): number {
    return Math.max(this.#announced(), this.#returned);
  }

  run(pass: Pass): TakeShares {
    const box = this.#boxes.pop() ?? new ShareBox();
    this.#returned = Math.max(0, this.#returned - 1);
    this.#ask(pass, box);
    return async () => {
      const shares = box.take();
      // Whoever was lost might still write into it.
      if (!shares) return undefined;
      this.#boxes.push(box);
      this.#returned++;
      return shares;
    };
  }

  /** Another task begins: whoever returned in the last one has been heard of. */
  forgetReturned(): void {
    this.#returned = 0;
  }
}

/** Assets that this thread asked the pool for. */
class AssetRequests {
  readonly #waiting = new Map<string, (message: ToThread & { type: 'asset' }) => void>();
  readonly #ask: (name: string) => void;

  constructor(ask: (name: string) => void) {
    this.#ask = ask;
  }

  read(name: string): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const earlier = this.#waiting.get(name);
      this.#waiting.set(name, (message) => {
        earlier?.(message);
        if ('bytes' in message) resolve(message.bytes);
        else reject(new Error(message.error));
      });
      if (!earlier) this.#ask(name);
    });
  }

  settle(message: ToThread & { type: 'asset' }): void {
    const waiting = this.#waiting.get(message.name);
    this.#waiting.delete(message.name);
    waiting?.(message);
  }
}
