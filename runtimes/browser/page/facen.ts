/** The numbers of a facen: base64 of little-endian float32. */
export function decodeFacen(facen: string): Float32Array {
  const bytes = Uint8Array.from(atob(facen), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
}
