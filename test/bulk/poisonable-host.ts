import { nodeHost } from '../../runtimes/node/host.ts';
import type { Host } from '../../src/cli/host.ts';
import type { ToThread } from '../../src/pool/protocol.ts';

/** What stands after the end of a picture that kills whoever looks at it. */
export const poison = new TextEncoder().encode('POISON');

/** The command line of Node, its threads as mortal as memory and decoders make real ones. */
export const poisonableHost: Host = {
  ...nodeHost,
  platform: {
    ...nodeHost.platform,
    startThread() {
      const thread = nodeHost.platform.startThread!();
      return {
        ...thread,
        post(message, transfer) {
          if (isPoisoned(message as ToThread)) void thread.stop();
          else thread.post(message, transfer);
        },
      };
    },
  },
};

function isPoisoned(message: ToThread): boolean {
  if (message.type !== 'task' || message.task.kind !== 'locate') return false;
  const end = message.task.picture.bytes?.subarray(-poison.length);
  return end?.length === poison.length && end.every((byte, index) => byte === poison[index]);
}
