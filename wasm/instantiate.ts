/** Functions assembled from `wasm/`, on one memory. */
export interface Instantiated {
  /** Makes the memory at least this large; what is in it stays. Buffers got before are void. */
  reserve(bytes: number): ArrayBuffer;
  /** An exported function, by what it was assembled from. */
  find<F>(source: { readonly name: string }): F;
}

/**
 * @param binary a module that imports its memory as `env.memory`
 * @param memory by default one of their own
 */
export function instantiate(
  binary: Uint8Array<ArrayBuffer>,
  memory = new WebAssembly.Memory({ initial: 0 }),
): Instantiated {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return {
    reserve(bytes) {
      const missing = Math.ceil((bytes - memory.buffer.byteLength) / 65536);
      if (missing > 0) memory.grow(missing);
      return memory.buffer as ArrayBuffer;
    },
    find: <F>({ name }: { readonly name: string }) => exports[name] as F,
  };
}
