import { parentPort } from 'node:worker_threads';
import { catalogue } from '../../models/catalogue.ts';
import { createInstance } from '../../src/pipeline/create-instance.ts';
import type { InstanceSettings } from '../../src/pipeline/settings.ts';
import { serveInstance } from '../../src/pool/serve-instance.ts';
import { collectGarbage } from './collect-garbage.ts';
import { decodeHeic } from './heic.ts';

serveInstance(
  {
    post: (message, transfer) => parentPort?.postMessage(message, transfer),
    onMessage: (listener) => parentPort?.on('message', listener),
    collectGarbage,
  },
  (platform, settings: InstanceSettings) => createInstance({ ...platform, catalogue, decodeHeic }, settings),
);
