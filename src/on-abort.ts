interface Audience {
  readonly listeners: Set<() => void>;
  /** The signal's one listener. */
  readonly tell: () => void;
}

const audiences = new WeakMap<AbortSignal, Audience>();

/**
 * Calls a listener when a signal aborts. However many there are, the signal itself has one: Node warns of a leak from the
 * eleventh on, and a call may have hundreds of pictures.
 *
 * @returns has the listener called no more; a signal without any is left as it was
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const audience = audiences.get(signal) ?? gather(signal);
  const { listeners, tell } = audience;
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || audiences.get(signal) !== audience) return;
    signal.removeEventListener('abort', tell);
    audiences.delete(signal);
  };
}

function gather(signal: AbortSignal): Audience {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const audience = { listeners, tell };
  signal.addEventListener('abort', tell);
  audiences.set(signal, audience);
  return audience;
}
