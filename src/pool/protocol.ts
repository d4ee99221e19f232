import { type ErrorCode, PhizError } from '../errors.ts';
import type { AlignedFace, AttributeName } from '../face/face.ts';
import type { Pass } from '../nn/shared-pass.ts';
import type { ChipForm, ExtractOptions } from '../pipeline/extraction.ts';
import type { InstanceSettings } from '../pipeline/settings.ts';
import type { Described, Located, LocatedOutcome } from '../pipeline/work.ts';

/** Faces in one piece of work at most: a crowd must not hold an instance while others wait. */
export const facesPerTask = 8;

/** A picture as an instance is told of it. */
export interface Subject {
  readonly id: number;
  /** All that will be asked of it. */
  readonly requests: readonly ExtractOptions[];
  /** Absent where the instance has it open. */
  readonly bytes?: Uint8Array;
  /** True: the picture stays open for other tasks, until the instance is told to close it. */
  readonly keep: boolean;
}

/**
 * A piece of work, which an instance does in one go: small enough that others can wait for it. A
 * picture and one request, some of its faces, or a part of a forward pass of another instance's piece.
 */
export type Task =
  | { readonly kind: 'locate'; readonly picture: Subject; readonly request: ExtractOptions }
  | {
      readonly kind: 'describe';
      readonly faces: readonly AlignedFace[];
      readonly attributes: readonly AttributeName[];
      readonly chips: ChipForm | undefined;
    }
  /** @see ShareBox for its memory, where the shares are left. */
  | { readonly kind: 'help'; readonly pass: Pass; readonly box: SharedArrayBuffer };

/** The answer to a task of a kind. */
export type Answer<Kind extends Task['kind'] = Task['kind']> = {
  locate: PlainOutcome;
  describe: Described;
  help: undefined;
}[Kind];

/** Messages from the pool to a thread. */
export type ToThread<Settings extends InstanceSettings = InstanceSettings> =
  | {
      /** Comes first, once. */
      readonly type: 'start';
      readonly settings: Settings;
      readonly platform: { readonly name: string; readonly cores: number };
      /** Absent where memory cannot be shared. */
      readonly control?: SharedArrayBuffer;
    }
  | { readonly type: 'asset'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: 'asset'; readonly name: string; readonly error: string }
  | { readonly type: 'task'; readonly id: number; readonly task: Task }
  /** A picture that was kept open is not needed any more. */
  | { readonly type: 'close'; readonly picture: number }
  /** There is time to collect garbage. */
  | { readonly type: 'rest' };

/** Messages from a thread to the pool. */
export type FromThread =
  | { readonly type: 'asset'; readonly name: string }
  /** With what runs its networks, by id. */
  | { readonly type: 'ready'; readonly networks: Record<string, string> }
  /** The instance cannot be had with these settings: another attempt would end alike. */
  | { readonly type: 'refused'; readonly error: PlainError }
  /** The task at work asks whoever is idle to take a share of this, and waits for a box to be filled or missed. */
  | { readonly type: 'help'; readonly pass: Pass; readonly box: SharedArrayBuffer }
  | { readonly type: 'done'; readonly id: number; readonly answer: Answer }
  /** An expected failure: the instance is sound. */
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError }
  /** A failure that nobody expected: the instance is not to be trusted any more. */
  | { readonly type: 'broken'; readonly reason: string };

/** A {@link PhizError} as plain data, since threads do not exchange classes. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
}

export type PlainOutcome =
  | { readonly ok: true; readonly value: Located }
  | { readonly ok: false; readonly error: PlainError };

export function toPlainError({ code, message }: PhizError): PlainError {
  return { code, message };
}

export function fromPlainError({ code, message }: PlainError): PhizError {
  return new PhizError(code, message);
}

export function toPlainOutcome(outcome: LocatedOutcome): PlainOutcome {
  return outcome.ok ? outcome : { ok: false, error: toPlainError(outcome.error) };
}

/**
 * Three numbers that both sides see at once, even while the thread computes: which task is to be
 * given up, how many checkpoints the thread has passed, and how many other instances have nothing to do.
 */
export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(buffer = new SharedArrayBuffer(12)) {
    this.buffer = buffer;
    this.#cells = new Int32Array(buffer);
  }

  get abandoned(): number {
    return Atomics.load(this.#cells, 0);
  }

  set abandoned(task: number) {
    Atomics.store(this.#cells, 0, task);
  }

  get beats(): number {
    return Atomics.load(this.#cells, 1);
  }

  beat(): void {
    Atomics.add(this.#cells, 1, 1);
  }

  get idle(): number {
    return Atomics.load(this.#cells, 2);
  }

  set idle(instances: number) {
    Atomics.store(this.#cells, 2, instances);
  }
}

/** True where threads can share memory; in a page that is not cross-origin isolated they cannot. */
export const canShareMemory = typeof SharedArrayBuffer !== 'undefined';
