import type { Lane } from './queue.ts';

/** The names of a queue's streams and subjects on NATS: docs/bulk.md tells other programs of them. */
export interface QueueNames {
  readonly streams: {
    readonly requests: string;
    readonly answers: string;
    readonly failures: string;
    readonly settings: string;
  };
  /** The beginning of the subjects of each stream. */
  readonly roots: { readonly requests: string; readonly answers: string; readonly failures: string };
  /** The subject of the settings. */
  readonly settings: string;
  /** The subject on which workers are asked for their status. */
  readonly status: string;
  /** The consumer that all workers share. */
  readonly workers: string;
  /** The bucket of pictures. */
  readonly pictures: string;
}

const utf8 = new TextEncoder();
const pattern = /^[\w-]{1,64}$/;

/** @throws Error where the name is none that streams and subjects can have */
export function queueNames(queue: string): QueueNames {
  checkName('queue', queue);
  const stream = (what: string) => `${queue}-${what}`;
  const subject = (what: string) => `${queue}.${what}`;
  return {
    streams: {
      requests: stream('requests'),
      answers: stream('answers'),
      failures: stream('failures'),
      settings: stream('settings'),
    },
    roots: { requests: subject('requests'), answers: subject('answers'), failures: subject('failures') },
    settings: subject('settings'),
    status: subject('status'),
    workers: 'workers',
    pictures: `${queue}-pictures`,
  };
}

/** @throws Error */
export function checkName(what: string, name: string): void {
  if (pattern.test(name)) return;
  throw new Error(`${what}: expected up to 64 letters, digits, - and _, got ${JSON.stringify(name)}`);
}

export const laneSubject = (root: string, { version, batch }: Lane) => `${root}.${version}.${batch}`;

/** The lane of `<root>.<version>.<batch>`; undefined for any other subject. */
export function laneOf(root: string, subject: string): Lane | undefined {
  const [version, batch, ...more] = subject.slice(root.length + 1).split('.');
  if (version === undefined || batch === undefined || more.length > 0) return undefined;
  return { version, batch };
}

/** A text as the value of a header, which is printable ASCII; {@link fromHeader} is the way back. */
export function toHeader(text: string): string {
  return text.replace(/[^\x21-\x24\x26-\x7e]+/g, (part) =>
    Array.from(utf8.encode(part), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

export function fromHeader(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
