import process from 'node:process';
import type { LossySink, TextSink } from '../../src/cli/host.ts';

/** Bytes that wait for a reader of what may be lost; with more, what comes is lost. */
const mostWaiting = 262_144;

/** Milliseconds that the reader of what may be lost has for the rest of it at the end. */
const readingTime = 1_000;

/** A standard stream: what is written must reach its reader, what is told may be lost. */
export interface Sinks {
  readonly writing: TextSink;
  readonly telling: LossySink;
  /** Resolves when what was written is read, or at least so much of what was told as there is time for. */
  flush(): Promise<void>;
}

/**
 * @param essential whether the program has no purpose without what is written, as on standard output;
 * on standard error that may be lost, too
 */
export function sinksOf(stream: NodeJS.WriteStream, essential: boolean): Sinks {
  let lost = 0;
  let written = false;
  /** Writes that have not reached the reader yet, and who is to be told when there are none. */
  let waiting = 0;
  let onRead = () => {};
  const send = (text: string, onFailure?: () => void) => {
    waiting++;
    try {
      stream.write(text, (error) => {
        if (error) onFailure?.();
        if (--waiting === 0) onRead();
      });
    } catch (error) {
      // Deno's throw.
      waiting--;
      throw error;
    }
  };
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!essential || !written) return;
    // As for a program that heeds SIGPIPE: nobody reads the answers.
    if (error.code !== 'EPIPE') process.stderr.write(`phiz: standard output: ${error.message}\n`);
    process.exit(1);
  });
  const tell = (text: string) => {
    if (stream.writableLength > mostWaiting) {
      lost++;
      return;
    }
    try {
      send(text, () => lost++);
    } catch {
      lost++;
    }
  };
  return {
    writing: {
      write(text) {
        written = true;
        if (essential) send(text);
        else tell(text);
      },
      get columns() {
        return stream.isTTY ? stream.columns : undefined;
      },
    },
    telling: {
      write: tell,
      get lost() {
        return lost;
      },
    },
    async flush() {
      // Not by writing nothing, which Bun calls done though what was written before waits.
      const read = new Promise<void>((resolve) => {
        onRead = resolve;
        if (waiting === 0) resolve();
      });
      const late = new Promise<void>((resolve) => setTimeout(resolve, readingTime));
      await (essential && written ? read : Promise.race([read, late]));
    },
  };
}
