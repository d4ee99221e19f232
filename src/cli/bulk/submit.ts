import type { ConnectNats } from '../../bulk/connect.ts';
import { checkName } from '../../bulk/names.ts';
import { submit } from '../../bulk/submit.ts';
import { messageOf } from '../../errors.ts';
import type { FaceRequest } from '../../server/request-schema.ts';
import { noPictures } from '../failure.ts';
import type { Host } from '../host.ts';
import { inOrder } from '../in-order.ts';
import { Journal, type LineHead } from '../output/journal.ts';
import {
  addressOf,
  countPictures,
  type ListedPicture,
  listPictures,
  type PictureArguments,
} from '../picture-list.ts';
import { createBulkProgress } from '../progress.ts';
import { readPicture } from '../read-picture.ts';
import { openQueue, type QueueFlags } from './open-queue.ts';

/** Pictures on their way at a time: enough to hide the way to the server and back. */
const picturesAtATime = 32;
/** Lines that are written together. */
const linesAtATime = 100;

export interface SubmitCommand extends QueueFlags {
  readonly sources: PictureArguments;
  readonly batch: string;
  /** The request for each picture, in the contract's words. */
  readonly request: Omit<FaceRequest, 'image'>;
  /** The file that keeps which pictures were put in. */
  readonly journal: string;
}

/** A line of the journal: a picture that was put in, and its state at that time. */
interface SubmittedLine {
  readonly queue: string;
  readonly batch: string;
  readonly file: string;
  /** Size and time of change of a file; nothing of a URL. */
  readonly state: string;
  readonly id: string;
}

/**
 * Puts pictures into a queue, but for those that an earlier run did.
 *
 * @returns how many could not be put in
 */
export async function submitPictures(
  host: Host,
  connectNats: ConnectNats,
  command: SubmitCommand,
): Promise<number> {
  const { sources, batch } = command;
  checkName('batch', batch);
  const { queue, close } = await openQueue(host, connectNats, command);
  const progress = createBulkProgress(host.stderr, () => countPictures(host, sources));
  let failures = 0;
  let stopped = false;
  let full = false;
  host.onStop(() => {
    stopped = true;
  });
  const say = (text: string) => {
    progress.clear();
    host.stderr.write(text);
  };
  const lost = (picture: ListedPicture, problem: string) => {
    failures++;
    say(`phiz: ${addressOf(picture)}: ${problem}\n`);
    progress.advance({ failed: true });
  };
  try {
    const submitter = await queue.submitter();
    const journal = await Journal.open(host, command.journal, headOfLine);
    const options = {
      queue: submitter,
      lane: { version: 'v1', batch },
      request: command.request,
      onFull() {
        if (!full) say('phiz: the queue is full; waiting until workers have done some\n');
        full = true;
      },
    };
    let waiting: (LineHead & { readonly line: string })[] = [];
    let again = 0;
    for await (const done of inOrder(candidates(), picturesAtATime, put)) {
      if (!done) continue;
      full = false;
      if (!done.fresh) again++;
      waiting.push(done.entry);
      progress.advance({});
      if (waiting.length < linesAtATime) continue;
      await journal.append(waiting);
      waiting = [];
    }
    await journal.append(waiting);
    await journal.tidy();
    const known = again > 0 ? `; the queue had ${again} of them already` : '';
    say(`${progress.summary()}${known}${stopped ? '; stopped: run it again to go on' : ''}\n`);
    return failures;

    async function put(picture: ListedPicture) {
      if ('problem' in picture) return lost(picture, picture.problem);
      const file = addressOf(picture);
      try {
        const state = await stateOf(picture);
        if (journal.has(keyOf(command.queue, batch, file), state)) return progress.skip();
        const read = () => readPicture(host, file);
        const { id, fresh } = await submit(
          { file, state, picture: 'url' in picture ? picture.url : read },
          options,
        );
        const line: SubmittedLine = { queue: command.queue, batch, file, state, id };
        return { fresh, entry: { ...headOf(line), line: JSON.stringify(line) } };
      } catch (error) {
        return lost(picture, messageOf(error));
      }
    }
  } finally {
    await close();
  }

  async function* candidates(): AsyncGenerator<ListedPicture> {
    const onEmpty = (path: string) => {
      failures++;
      say(noPictures(path));
    };
    for await (const picture of listPictures(host, sources, { onEmpty })) {
      if (stopped) return;
      yield picture;
    }
  }

  async function stateOf(picture: ListedPicture): Promise<string> {
    if ('url' in picture) return '';
    const entry = await host.entry(addressOf(picture));
    return entry ? `${entry.size},${entry.modified}` : '';
  }
}

const keyOf = (queue: string, batch: string, file: string) => JSON.stringify([queue, batch, file]);

const headOf = ({ queue, batch, file, state }: SubmittedLine): LineHead => ({
  key: keyOf(queue, batch, file),
  state,
});

function headOfLine(bytes: Uint8Array): LineHead | undefined {
  try {
    const line = JSON.parse(new TextDecoder().decode(bytes)) as SubmittedLine;
    return typeof line.id === 'string' && typeof line.state === 'string' ? headOf(line) : undefined;
  } catch {
    return undefined;
  }
}
