import v8 from 'node:v8';
import vm from 'node:vm';

/**
 * Collects the calling thread's garbage, by Bun's own function, else by that of V8. A thread that rests does
 * not by itself: it keeps tens of megabytes of pixels and bodies until it needs memory again.
 */
export const collectGarbage: () => void = ofBun() ?? ofV8() ?? (() => {});

function ofBun(): (() => void) | undefined {
  const { Bun } = globalThis as { Bun?: { gc(synchronous: boolean): void } };
  return Bun && (() => Bun.gc(true));
}

/** V8 gives it to contexts made while the flag is set. */
function ofV8(): (() => void) | undefined {
  try {
    v8.setFlagsFromString('--expose-gc');
    const collect: unknown = vm.runInNewContext('globalThis.gc');
    v8.setFlagsFromString('--no-expose-gc');
    return typeof collect === 'function' ? () => void collect() : undefined;
  } catch {
    // Deno, where it has no such flag.
    return undefined;
  }
}
