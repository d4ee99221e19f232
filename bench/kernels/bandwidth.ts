import { assemble, doWhile, i32, increment, v128, wasmFunction } from '../../wasm/assembler.ts';

/** Of what is copied: more than the caches close to a core hold, as the maps of a detector are. */
const bytes = 1 << 22;
const patience = 300;

/** Bytes a second that a core reads and writes in WebAssembly, 16 at a time, at best. */
export async function measureBandwidth(): Promise<number> {
  const memory = new WebAssembly.Memory({ initial: (2 * bytes) >> 16 });
  const { instance } = await WebAssembly.instantiate(
    assemble([
      wasmFunction('copy', ['from', 'to', 'end'], (_, { from, to, end }) => {
        const blocks = [0, 16, 32, 48];
        return doWhile(
          [
            blocks.map((offset) => v128.store(to.get, v128.load(from.get, offset), offset)),
            increment(from, 64),
            increment(to, 64),
          ],
          i32.ltU(from.get, end.get),
        );
      }),
    ]),
    { env: { memory } },
  );
  const copy = instance.exports.copy as (from: number, to: number, end: number) => void;
  let fastest = Infinity;
  for (const end = performance.now() + patience; performance.now() < end; ) {
    const start = performance.now();
    copy(0, bytes, bytes);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return (2 * bytes * 1000) / fastest;
}
