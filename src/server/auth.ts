import { sha256 } from '../digest.ts';
import { PhizError } from '../errors.ts';

/**
 * Checks `Authorization: Bearer <key>` against the configured keys. Digests are compared, all of
 * them and to their ends, so that the time taken tells nothing about any key.
 */
export function createKeyCheck(
  keys: readonly string[],
): (authorization: string | undefined) => Promise<void> {
  const known = Promise.all(keys.map(digest));
  return async (authorization) => {
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    const given = await digest(key ?? '');
    let matches = 0;
    for (const candidate of await known) matches += equal(candidate, given);
    if (key === undefined || matches === 0) {
      throw new PhizError('UNAUTHORIZED', 'expected the header Authorization: Bearer <key> with a valid key');
    }
  };
}

const digest = (text: string): Promise<Uint8Array> => sha256(new TextEncoder().encode(text));

/** 1 or 0. */
function equal(first: Uint8Array, second: Uint8Array): number {
  let difference = 0;
  for (let i = 0; i < first.length; i++) difference |= first[i]! ^ second[i]!;
  return difference === 0 ? 1 : 0;
}
