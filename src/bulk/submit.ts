import { inHex, sha256 } from '../digest.ts';
import { type Lane, QueueFull, type RequestMessage, type SubmitQueue } from './queue.ts';

/** Milliseconds between two tries where the queue is full or cannot be reached. */
const retryPause = 1_000;
/** Tries where the queue cannot be reached: some minutes. */
const maxTries = 120;

/** A picture that work is put in for. */
export interface SubmittedPicture {
  /** The path or URL by which the answer is found. */
  readonly file: string;
  /** A value that changes when the picture does; the request's id is made of it, too. */
  readonly state: string;
  /** The picture's URL, or a function that reads its bytes. */
  readonly picture: string | (() => Promise<Uint8Array>);
}

export interface SubmitOptions {
  readonly queue: SubmitQueue;
  readonly lane: Lane;
  /** The request for each picture, in the contract's words, without `image`. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Told when the queue takes no more for now. */
  readonly onFull: () => void;
}

/** The label with a picture's path or URL. */
export const fileLabel = 'Phiz-File';

/**
 * Puts a picture's request into the queue; again and again while it is full or away.
 *
 * @returns the request's id, and whether it was not there before
 * @throws Error where the picture cannot be read, or the queue stays away
 */
export async function submit(
  { file, state, picture }: SubmittedPicture,
  { queue, lane, request, onFull }: SubmitOptions,
): Promise<{ readonly id: string; readonly fresh: boolean }> {
  let image: string;
  if (typeof picture === 'string') image = picture;
  else {
    const bytes = await picture();
    const name = inHex(await sha256(bytes));
    await insistently(() => queue.store(name, bytes), onFull);
    image = queue.imageOf(name);
  }
  const body = JSON.stringify({ requests: [{ image, ...request }] });
  const message: RequestMessage = {
    id: inHex(await sha256(utf8.encode(JSON.stringify([lane, file, state, body])))).slice(0, 32),
    lane,
    body: utf8.encode(body),
    labels: { [fileLabel]: file },
  };
  return { id: message.id, fresh: await insistently(() => queue.submit(message), onFull) };
}

async function insistently<Result>(attempt: () => Promise<Result>, onFull: () => void): Promise<Result> {
  for (let tries = 1; ; ) {
    try {
      return await attempt();
    } catch (error) {
      // A full queue has room again when workers have done some: that may take hours.
      if (error instanceof QueueFull) onFull();
      else if (tries++ >= maxTries) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, retryPause));
  }
}

const utf8 = new TextEncoder();
