import type { Socket } from 'node:net';
import { breath } from '../../src/pool/breathe.ts';

/**
 * Line breaks within what the parser is given in one go: it calls back by line, however short lines are. 64 KiB of
 * a picture have some 256.
 */
const linesAtATime = 320;

const lineBreak = 0x0a;

/**
 * Hands what comes on a connection to Node's HTTP parser bit by bit, as there is time in a turn of the event
 * loop. By itself that takes 64 KiB at once, which can be ten thousand chunks of a byte or three thousand
 * requests. Other runtimes' parsers do not listen, and are left alone.
 *
 * @param isRefused whether nothing more is to be taken from it
 */
export function paceParser(socket: Socket, isRefused: () => boolean): void {
  const [parse] = socket.listeners('data') as ((bytes: Buffer) => void)[];
  if (!parse) return;
  const [pause = [], resume = []] = ['pause', 'resume'].map((event) => socket.listeners(event));
  socket.off('data', parse);

  let waitsFor: Promise<void> | undefined;
  const goOn = (time: Promise<void>) => {
    // Node may have gone on before, for a body that is read.
    if (waitsFor !== time || isRefused()) return;
    socket.resume();
    socket.read();
  };
  socket.on('data', (bytes: Buffer) => {
    waitsFor = undefined;
    for (let at = 0; at < bytes.length && !isRefused(); ) {
      const time = breath();
      if (time) {
        waitsFor = time;
        socket.pause();
        void time.then(() => goOn(time));
      }
      // Node pauses it too, until a body or answers have been read.
      if (socket.isPaused()) return socket.unshift(bytes.subarray(at));
      const end = afterLines(bytes, at);
      parse(bytes.subarray(at, end));
      at = end;
    }
  });
  // Where others listen for data, Node takes these away; without them a socket that is paused reads on.
  for (const listener of pause) socket.on('pause', listener as () => void);
  for (const listener of resume) socket.on('resume', listener as () => void);
}

/** Where so many line breaks have passed, or the end. */
function afterLines(bytes: Buffer, from: number): number {
  let at = from;
  for (let i = 0; i < linesAtATime; i++) {
    const found = bytes.indexOf(lineBreak, at);
    if (found < 0) return bytes.length;
    at = found + 1;
  }
  return at;
}
