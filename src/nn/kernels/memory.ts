import { align } from './arena.ts';

const pageBytes = 65536;

/**
 * The memory of all networks of one instance: the packed weights of each, and one arena for the maps
 * of whichever runs. Only one runs at a time, and it leaves nothing there that is needed later.
 */
export class KernelMemory {
  readonly memory = new WebAssembly.Memory({ initial: 0 });
  #end = 0;
  #arena = { address: 0, bytes: 0 };

  /** All of it; another one after every call of the methods below. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Takes bytes, all zero, for good. @returns their address, a multiple of 64 */
  take(bytes: number): number {
    const address = align(this.#end);
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
      this.#extendTo(this.#arena.address + bytes);
    }
    return this.#arena.address;
  }

  #extendTo(end: number): void {
    this.#end = end;
    const missing = Math.ceil(end / pageBytes) - this.memory.buffer.byteLength / pageBytes;
    if (missing > 0) this.memory.grow(missing);
  }
}
