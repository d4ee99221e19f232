import { assemble } from '../../../wasm/assembler.ts';
import { instantiate } from '../../../wasm/instantiate.ts';
import { packRows, weighRows } from '../../../wasm/weights.ts';
import { winogradWeights } from '../../../wasm/winograd-weights.ts';
import { align } from './arena.ts';

const pageBytes = 65536;

/**
 * The memory of all networks of one instance: the packed weights of each, and one arena for the maps
 * of whichever runs. Only one runs at a time, and it leaves nothing there that is needed later.
 */
export class KernelMemory {
  readonly memory = new WebAssembly.Memory({ initial: 0 });
  /** See `wasm/weights.ts`. */
  readonly weighRows: (values: number, results: number, length: number, rows: number) => void;
  readonly packRows: (values: number, targets: number, places: number, length: number, rows: number) => void;
  /** See `wasm/winograd.ts`. */
  readonly winogradWeights: (...parameters: number[]) => void;
  #end = 0;
  #scratchEnd = 0;
  #arena = { address: 0, bytes: 0 };

  constructor() {
    const { find } = instantiate(assemble([weighRows, packRows, winogradWeights]), this.memory);
    this.weighRows = find(weighRows);
    this.packRows = find(packRows);
    this.winogradWeights = find(winogradWeights);
  }

  /** All of it; another one after every call of the methods below. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Takes bytes, all zero, for good. @returns their address, a multiple of 64 */
  take(bytes: number): number {
    const address = align(this.#end);
    this.#end = address + bytes;
    this.#extendTo(this.#end);
    const written = Math.min(this.#end, this.#scratchEnd);
    if (written > address) new Uint8Array(this.buffer).fill(0, address, written);
    return address;
  }

  /**
   * The address of bytes, a multiple of 64, that nobody uses until more is taken, or the arena grows.
   *
   * @param behind an address up to which they are in use nevertheless
   */
  scratch(bytes: number, behind = 0): number {
    const address = align(Math.max(this.#end, behind));
    this.#scratchEnd = Math.max(this.#scratchEnd, address + bytes);
    this.#extendTo(address + bytes);
    return address;
  }

  /** The address of an arena of so many bytes. Those handed out before stay valid: they share it. */
  arenaOf(bytes: number): number {
    const { address, bytes: present } = this.#arena;
    if (bytes > present) {
      // Unless weights lie behind it, it can grow where it is.
      const grows = address + present === this.#end;
      this.#arena = { address: grows ? align(address) : this.take(bytes), bytes };
      this.#end = this.#arena.address + bytes;
      this.#extendTo(this.#end);
    }
    return this.#arena.address;
  }

  #extendTo(end: number): void {
    const missing = Math.ceil(end / pageBytes) - this.memory.buffer.byteLength / pageBytes;
    if (missing > 0) this.memory.grow(missing);
  }
}
