import type { InstanceSettings } from '../pipeline/settings.ts';
import type { Thread } from '../platform.ts';
import { type CreateInstance, serveInstance } from './serve-instance.ts';

/**
 * A thread that is none: an instance in the caller's own, for places that have no threads. While it
 * computes, nothing else happens; and one that hangs cannot be stopped.
 */
export function startInProcess<Settings extends InstanceSettings>(create: CreateInstance<Settings>): Thread {
  const toPool: ((message: unknown) => void)[] = [];
  const toInstance: ((message: unknown) => void)[] = [];
  const deliver = (message: unknown, listeners: readonly ((message: unknown) => void)[]) =>
    queueMicrotask(() => {
      for (const listener of listeners) listener(message);
    });
  serveInstance(
    {
      post: (message) => deliver(message, toPool),
      onMessage: (listener) => void toInstance.push(listener),
    },
    create,
  );
  return {
    post: (message) => deliver(message, toInstance),
    onMessage: (listener) => void toPool.push(listener),
    onExit: () => {},
    stop: async () => void toInstance.splice(0),
  };
}
