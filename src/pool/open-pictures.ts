import type { ExtractOptions } from '../pipeline/extraction.ts';
import type { InstanceThread } from './instance-thread.ts';
import type { PlainOutcome, Subject } from './protocol.ts';

/** Bytes of pixels that one instance keeps between pieces of work, at least one picture. */
const keptBytes = 128 * 1024 ** 2;

let lastId = 0;

/**
 * A picture of which several requests ask something. One instance opens it, and keeps it open for
 * those that come later.
 */
export class SharedPicture {
  /** True where the picture stays open between its pieces. */
  readonly keep: boolean;
  /** True where its requests take an instance long: see `heavy` of {@link PoolOptions}. */
  readonly heavy: boolean;
  readonly #id = ++lastId;
  readonly #bytes: Uint8Array;
  readonly #requests: readonly ExtractOptions[];
  /** The thread that has the picture open. */
  #home: InstanceThread | undefined;

  constructor(bytes: Uint8Array, requests: readonly ExtractOptions[], heavy: boolean) {
    this.#bytes = bytes;
    this.#requests = requests;
    this.keep = requests.length > 1;
    this.heavy = heavy;
  }

  get home(): InstanceThread | undefined {
    return this.#home?.state === 'gone' ? undefined : this.#home;
  }

  /** The picture as a task names it. The thread has it open from then on, and gets its bytes with the first task only. */
  goTo(thread: InstanceThread): Subject {
    const subject = { id: this.#id, requests: this.#requests, keep: this.keep };
    if (this.home === thread) return subject;
    this.#home = thread;
    return { ...subject, bytes: this.#bytes };
  }

  /** Where it is open, if anywhere, it is not any more. */
  close(): void {
    if (this.keep) this.home?.close(this.#id);
    this.#home = undefined;
  }
}

/** The pictures that instances keep open: the oldest are closed where there are too many. */
export class OpenPictures {
  readonly #sizes = new Map<SharedPicture, number>();

  /** Notes that faces were looked for in a picture. */
  use(picture: SharedPicture, found: PlainOutcome): void {
    if (!found.ok || !picture.keep || !picture.home) return;
    this.#sizes.delete(picture);
    this.#sizes.set(picture, 3 * found.value.width * found.value.height);
    const neighbours = [...this.#sizes].filter(([{ home }]) => home === picture.home);
    let sum = neighbours.reduce((bytes, [, size]) => bytes + size, 0);
    for (const [other, size] of neighbours) {
      if (sum <= keptBytes || other === picture) return;
      this.close(other);
      sum -= size;
    }
  }

  close(picture: SharedPicture): void {
    this.#sizes.delete(picture);
    picture.close();
  }
}
