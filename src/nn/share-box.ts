import { mapByName } from './items.ts';
import type { Tensor } from './network.ts';
import type { Share } from './shared-pass.ts';

/** Byte where the head begins, a text of JSON, after two numbers of 32 bits: the turn, and the head's bytes. */
const headAt = 8;

/** Bytes of a box that nobody has filled yet, and those beyond which shares do not fit. */
const usualBytes = 4096;
const mostBytes = 2 ** 25;

/** A share as the head tells of it: lengths in place of values, which follow in the same order. */
interface Listed extends Omit<Share, 'outputs'> {
  readonly outputs: Readonly<Record<string, ListedTensor>>;
}

interface ListedTensor extends Pick<Tensor, 'shape'> {
  readonly values: number;
  readonly cells?: number | undefined;
}

/**
 * Where a helper leaves its shares of a pass: memory of both threads. Whoever waits for them sleeps until they are
 * there; a message would have to go by way of the pool's thread, and take a millisecond of a stage of ten.
 *
 * A box has turns: shares that are left end one and begin the next, so that it can be used again.
 */
export class ShareBox {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  #turn: number;

  constructor(memory = new SharedArrayBuffer(usualBytes, { maxByteLength: mostBytes })) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, 2);
    this.#turn = Atomics.load(this.#numbers, 0);
  }

  /** True until it is filled or missed. */
  get isAwaited(): boolean {
    return Atomics.load(this.#numbers, 0) === this.#turn;
  }

  /** Leaves shares; those that do not fit are missed. */
  fill(shares: readonly Share[]): void {
    const head = new TextEncoder().encode(JSON.stringify(shares.map(listed)));
    const arrays = shares.flatMap(({ outputs }) => Object.values(outputs).flatMap(arraysOf));
    let at = valuesAt(head.length);
    const end = arrays.reduce((sum, { byteLength }) => sum + byteLength, at);
    // Browsers before 2024 have none that grows.
    const most = this.memory.growable ? this.memory.maxByteLength : this.memory.byteLength;
    if (end > most) {
      this.miss();
      return;
    }
    if (end > this.memory.byteLength) this.memory.grow(end);
    new Uint8Array(this.memory, headAt, head.length).set(head);
    for (const { buffer, byteOffset, byteLength } of arrays) {
      new Uint8Array(this.memory, at, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
      at += byteLength;
    }
    this.#numbers[1] = head.length;
    this.#end(1);
  }

  /** Nobody will fill it: it cannot be used again. */
  miss(): void {
    this.#end(-1);
  }

  /** Sleeps until it is filled or missed. @returns undefined where it was missed */
  take(): Share[] | undefined {
    Atomics.wait(this.#numbers, 0, this.#turn);
    if (Atomics.load(this.#numbers, 0) !== this.#turn + 1) return undefined;
    this.#turn++;
    const length = this.#numbers[1]!;
    // Copied, since decoders of text take no shared memory.
    const head = new TextDecoder().decode(new Uint8Array(this.memory, headAt, length).slice());
    let at = valuesAt(length);
    const valuesOf = ({ shape, values, cells }: ListedTensor): Tensor => {
      const data = new Float32Array(this.memory, at, values).slice();
      at += data.byteLength;
      if (cells === undefined) return { data, shape };
      const which = new Int32Array(this.memory, at, cells).slice();
      at += which.byteLength;
      return { data, shape, cells: which };
    };
    return (JSON.parse(head) as Listed[]).map(({ outputs, ...share }) => ({
      ...share,
      outputs: mapByName(outputs, valuesOf),
    }));
  }

  /** Ends the turn, unless that was done already. */
  #end(step: 1 | -1): void {
    Atomics.compareExchange(this.#numbers, 0, this.#turn, this.#turn + step);
    Atomics.notify(this.#numbers, 0);
  }
}

const listed = ({ outputs, ...share }: Share): Listed => ({
  ...share,
  outputs: mapByName(outputs, ({ data, shape, cells }) => ({
    shape,
    values: data.length,
    cells: cells?.length,
  })),
});

const arraysOf = ({ data, cells }: Tensor): (Float32Array | Int32Array)[] => (cells ? [data, cells] : [data]);

/** Byte of the first value, after a head of so many bytes. */
const valuesAt = (head: number): number => headAt + 4 * Math.ceil(head / 4);
