/** Conditions, ranges and codings of GET: RFC 9110, sections 12.5.3, 13.1 and 14. */

/** True where an `If-None-Match` names the tag, strong or weak. */
export function matchesTag(header: string, tag: string): boolean {
  return header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

/** Offsets of the first byte and of the one after the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part of `size` bytes that a `Range` asks for: undefined for the whole, as for what is no range of
 * bytes or several of them; null where there is no such part.
 *
 * @param condition the `If-Range`; only a strong tag that is ours keeps the range
 */
export function rangeOf(
  header: string | undefined,
  condition: string | undefined,
  { bytes, tag }: { readonly bytes: Uint8Array; readonly tag: string },
): ByteRange | null | undefined {
  const size = bytes.length;
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  if (condition !== undefined && condition.trim() !== tag) return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? null : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return undefined;
  return start < size ? { start, end } : null;
}

/** The first of the codings that `Accept-Encoding` takes; undefined for none of them. */
export function chooseCoding<T extends string>(header: string, codings: readonly T[]): T | undefined {
  const weights = new Map(
    header.split(',').map((entry) => {
      const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return [name, q === undefined ? 1 : Number(q.slice(2))] as const;
    }),
  );
  return codings.find((coding) => (weights.get(coding) ?? weights.get('*') ?? 0) > 0);
}
