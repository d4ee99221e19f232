import { serveContestant } from '../serve-contestant.ts';
import { decodeJpeg, peer, peerPath } from './peer-tools.ts';

interface FaceApiResult {
  readonly detection: {
    readonly box: {
      readonly left: number;
      readonly top: number;
      readonly right: number;
      readonly bottom: number;
    };
  };
}

/** @vladmandic/face-api as its demo/node-wasm.js calls it, with its default confidence of 0.5. */
await serveContestant(async () => {
  const tf = peer('@tensorflow/tfjs');
  peer('@tensorflow/tfjs-backend-wasm').setWasmPaths(peerPath('@tensorflow/tfjs-backend-wasm/dist/'));
  const faceapi = peer('@vladmandic/face-api/dist/face-api.node-wasm.js');
  await tf.setBackend('wasm');
  await tf.ready();
  const weights = peerPath('@vladmandic/face-api/model');
  const { nets } = faceapi;
  await nets.ssdMobilenetv1.loadFromDisk(weights);
  await nets.faceLandmark68Net.loadFromDisk(weights);
  await nets.ageGenderNet.loadFromDisk(weights);
  await nets.faceRecognitionNet.loadFromDisk(weights);
  await nets.faceExpressionNet.loadFromDisk(weights);
  const options = new faceapi.SsdMobilenetv1Options();
  return {
    description: `@vladmandic/face-api ${faceapi.version}, tfjs-wasm ${tf.version_core}, jpeg-js`,
    async answer(jpeg) {
      const { width, height, data } = decodeJpeg(jpeg);
      const tensor = tf.tensor3d(data, [height, width, 3], 'int32');
      const results: FaceApiResult[] = await faceapi
        .detectAllFaces(tensor, options)
        .withFaceLandmarks()
        .withFaceExpressions()
        .withFaceDescriptors()
        .withAgeAndGender();
      tf.dispose(tensor);
      return results.map(({ detection: { box } }) => {
        const { left, top, right, bottom } = box;
        return { left, top, right, bottom };
      });
    },
  };
});
