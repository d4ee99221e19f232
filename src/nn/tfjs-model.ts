/** The two files of a TensorFlow.js graph model. */
export interface TfjsModel {
  /** Content of `model.json`: topology and weights manifest. */
  readonly description: Record<string, unknown>;
  /** The bytes of all weight files, in the manifest's order. */
  readonly weights: Uint8Array;
}

/**
 * One file for a network that TensorFlow.js keeps in two, so that every backend loads from one
 * array: 4 bytes little-endian with the length of `model.json`, then `model.json`, then the weights.
 */
export function joinTfjsModel(modelJson: Uint8Array, weights: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + modelJson.length + weights.length);
  new DataView(file.buffer).setUint32(0, modelJson.length, true);
  file.set(modelJson, 4);
  file.set(weights, 4 + modelJson.length);
  return file;
}

/** The two parts of a file that {@link joinTfjsModel} made; the weights are a view of it. @throws Error of any other file. */
export function splitTfjsModel(file: Uint8Array): TfjsModel {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.length < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0, true);
  if (4 + length > file.length) throw new Error('not a joined TensorFlow.js model: it is too short');
  const description: unknown = JSON.parse(
    // Browsers decode no text in memory that threads share.
    new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(file.subarray(4, 4 + length))),
  );
  if (typeof description !== 'object' || description === null || !('modelTopology' in description)) {
    throw new Error('not a TensorFlow.js graph model: its JSON has no `modelTopology`');
  }
  return { description: description as Record<string, unknown>, weights: file.subarray(4 + length) };
}
