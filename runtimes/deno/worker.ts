import { catalogue } from '../../models/catalogue.ts';
import { createInstance } from '../../src/pipeline/create-instance.ts';
import type { InstanceSettings } from '../../src/pipeline/settings.ts';
import { serveInstance } from '../../src/pool/serve-instance.ts';
import { decodeHeic } from '../node-api/heic.ts';

serveInstance(
  {
    post: (message, transfer = []) => postMessage(message, { transfer: [...transfer] }),
    onMessage: (listener) => addEventListener('message', ({ data }) => listener(data)),
  },
  (platform, settings: InstanceSettings) => createInstance({ ...platform, catalogue, decodeHeic }, settings),
);
