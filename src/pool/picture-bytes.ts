/** A picture's file, as the library takes it. */
export type PictureFile = Uint8Array | ArrayBuffer | SharedArrayBuffer | ArrayBufferView | Blob;

/**
 * The bytes of a file, copied only where they must be.
 * @throws TypeError for anything else, with what was expected
 */
export function bytesOf(file: PictureFile): Uint8Array | Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file;
  if (ArrayBuffer.isView(file)) return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  if (file instanceof Blob) return file.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  if (isBuffer(file)) return new Uint8Array(file);
  throw new TypeError(
    `expected the bytes of a picture's file (Uint8Array, Buffer, ArrayBuffer or Blob), got ${shown(file)}`,
  );
}

/** By name, since those of another realm are of another class, and pages that are not isolated have no shared ones. */
const isBuffer = (value: unknown): value is ArrayBuffer =>
  /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));

function shown(value: unknown): string {
  if (typeof value === 'string') return 'a string: a file or an address has to be read first';
  if (value === null || value === undefined) return String(value);
  if (value instanceof Promise) return 'a promise: await it first';
  return typeof value === 'object'
    ? `an object of ${value.constructor?.name ?? 'no class'}`
    : `a ${typeof value}`;
}
