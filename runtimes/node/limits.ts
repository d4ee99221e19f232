import { readFileSync } from 'node:fs';

/** Files that a start opens, and a few calls. */
const leastFiles = 64;

/** Bytes of addresses: V8 keeps 10 GB for each WebAssembly memory, of which little is ever used. */
const leastAddresses = 24 * 2 ** 30;

/**
 * Looks whether the process may have what a start takes, where the system tells: without, it would
 * end in the middle, in V8's own words.
 *
 * @throws Error with what to do.
 */
export function checkLimits(): void {
  const files = hardLimit('Max open files');
  if (files < leastFiles) {
    throw new Error(`${files} open files are too few: allow ${leastFiles} at least (ulimit -n, LimitNOFILE)`);
  }
  const addresses = hardLimit('Max address space');
  if (addresses < leastAddresses) {
    throw new Error(
      `${Math.floor(addresses / 2 ** 30)} GB of address space are too few: WebAssembly takes some 12 GB and 12 GB an instance, without using them. Lift the limit (ulimit -v, LimitAS); MemoryMax= or a container bound what is used`,
    );
  }
}

/** Infinity where there is none, or where it is not told. */
function hardLimit(name: string): number {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  const [, hard] = new RegExp(`^${name} +\\S+ +(\\d+)`, 'm').exec(limits) ?? [];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
}
