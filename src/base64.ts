import { assemble } from '../wasm/assembler.ts';
import { base64Blocks, encodedTogether } from '../wasm/base64.ts';
import { instantiate } from '../wasm/instantiate.ts';

/** Bytes that are copied to the kernel's memory at a time. */
const copiedTogether = encodedTogether * 4096;

/** Address of the characters: the kernel reads a few bytes behind those that it encodes. */
const results = copiedTogether + 16;

const padding = '='.charCodeAt(0);
const latin1 = new TextDecoder('latin1');

interface Kernel {
  readonly memory: Uint8Array;
  encode(source: number, blocks: number, target: number): void;
}

let kernel: Kernel | undefined;

function createKernel(): Kernel {
  const { reserve, find } = instantiate(assemble([base64Blocks]));
  return { memory: new Uint8Array(reserve(results + (copiedTogether / 3) * 4)), encode: find(base64Blocks) };
}

/** Standard base64 with padding (RFC 4648, section 4). */
export const encodeBase64 = (bytes: Uint8Array): string => latin1.decode(base64Bytes(bytes));

/** The characters of {@link encodeBase64}, a byte each. */
export function base64Bytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  kernel ??= createKernel();
  const { memory, encode } = kernel;
  const groups = Math.ceil(bytes.length / 3);
  const out = new Uint8Array(4 * groups);
  for (let from = 0; from < bytes.length; from += copiedTogether) {
    const part = bytes.subarray(from, from + copiedTogether);
    memory.set(part);
    // The last group may lack two bytes.
    memory.fill(0, part.length, part.length + 2);
    encode(0, Math.ceil(part.length / encodedTogether), results);
    out.set(memory.subarray(results, results + 4 * Math.ceil(part.length / 3)), (from / 3) * 4);
  }
  return out.fill(padding, out.length - (3 * groups - bytes.length));
}

/** Bytes of a base64 text that is known to be one. */
export function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
