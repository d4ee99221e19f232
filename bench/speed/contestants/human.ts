import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serveContestant } from '../serve-contestant.ts';
import { decodeJpeg, peer, peerPath } from './peer-tools.ts';

interface HumanResult {
  readonly error: string | null;
  readonly face: readonly { readonly box: readonly [x: number, y: number, width: number, height: number] }[];
}

/** More faces than any picture of the work has; the default is 1. */
const mostFaces = 20;

/**
 * @vladmandic/human under Node on its WASM backend, which takes its models over HTTP. What nobody
 * asked for is switched off, and so is the re-use of results from one picture to the next.
 */
await serveContestant(async () => {
  // Loaded first, as the package's documentation says.
  peer('@tensorflow/tfjs');
  peer('@tensorflow/tfjs-backend-wasm');
  const { Human } = peer(peerPath('@vladmandic/human/dist/human.node-wasm.js'));
  const models = await serveFolder(peerPath('@vladmandic/human/models'));
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm',
    wasmPath: peerPath('@tensorflow/tfjs-backend-wasm/dist/'),
    modelBasePath: models.url,
    debug: false,
    cacheSensitivity: 0,
    filter: off,
    gesture: off,
    body: off,
    hand: off,
    object: off,
    segmentation: off,
    face: {
      enabled: true,
      detector: { rotation: true, maxDetected: mostFaces },
      mesh: { enabled: true },
      iris: off,
      description: { enabled: true },
      emotion: { enabled: true },
      antispoof: off,
      liveness: off,
    },
  });
  await human.load();
  models.close();
  return {
    description: `@vladmandic/human ${human.version}, tfjs-wasm ${human.tf.version_core}, jpeg-js`,
    async answer(jpeg) {
      const { width, height, data } = decodeJpeg(jpeg);
      const tensor = human.tf.tensor3d(data, [height, width, 3], 'int32');
      const { error, face } = (await human.detect(tensor)) as HumanResult;
      human.tf.dispose(tensor);
      if (error) throw new Error(error);
      return face.map(({ box: [left, top, width, height] }) => ({
        left,
        top,
        right: left + width,
        bottom: top + height,
      }));
    },
  };
});

async function serveFolder(folder: string): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    readFile(join(folder, new URL(request.url ?? '/', 'http://localhost').pathname)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => void server.close(),
  };
}
