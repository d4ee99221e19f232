import { shippedPack } from '../../models/catalogue.ts';
import type { ImageNetwork } from '../../src/nn/batch.ts';
import { createKernelBackend } from '../../src/nn/kernels/backend.ts';
import type { PointsManifest } from '../../src/pipeline/manifest.ts';
import { onnxBackend, readAsset } from '../models/assets.ts';

/** The mesh network, and what its manifest says it is given. */
export async function loadMesh(): Promise<ImageNetwork> {
  const { manifest, build } = shippedPack('facemesh');
  const network = await createKernelBackend(await onnxBackend()).load(await build(readAsset));
  return { network, input: { ...(manifest as PointsManifest).input, name: network.inputNames[0]! } };
}
