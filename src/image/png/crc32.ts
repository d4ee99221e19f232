import { assemble } from '../../../wasm/assembler.ts';
import { foldBlocks, foldedBytes, remainders } from '../../../wasm/crc32.ts';
import { instantiate } from '../../../wasm/instantiate.ts';

/** Blocks that are copied to the kernel's memory at a time, behind the one that they become. */
const copiedTogether = 1024;

/** Zeros, and at the end what leaves a remainder of ones, with which the checksum begins. */
const allOnes = new Uint8Array(foldedBytes);
allOnes.set([0x62, 0xf5, 0x26, 0x92], foldedBytes - 4);

interface Kernel {
  readonly memory: Uint8Array;
  fold(source: number, blocks: number, result: number): void;
}

let kernel: Kernel | undefined;

function createKernel(): Kernel {
  const { reserve, find } = instantiate(assemble([foldBlocks]));
  return { memory: new Uint8Array(reserve(foldedBytes * (1 + copiedTogether))), fold: find(foldBlocks) };
}

/** The checksum of a PNG chunk's name and data. */
export function crc32(bytes: Uint8Array): number {
  kernel ??= createKernel();
  const { memory, fold } = kernel;
  memory.set(allOnes);
  let at = 0;
  while (at + foldedBytes <= bytes.length) {
    const blocks = Math.min(Math.floor((bytes.length - at) / foldedBytes), copiedTogether);
    const end = at + blocks * foldedBytes;
    memory.set(bytes.subarray(at, end), foldedBytes);
    fold(foldedBytes, blocks, 0);
    at = end;
  }
  return ~remainderOf(bytes.subarray(at), remainderOf(memory.subarray(0, foldedBytes), 0)) >>> 0;
}

/** The remainder of some bytes behind those of another one. */
function remainderOf(bytes: Uint8Array, before: number): number {
  let remainder = before;
  for (let at = 0; at < bytes.length; at++) {
    remainder = remainders[(remainder ^ bytes[at]!) & 255]! ^ (remainder >>> 8);
  }
  return remainder;
}
