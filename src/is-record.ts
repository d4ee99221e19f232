/** True for values by keys: neither a list nor null, which JavaScript calls objects, too. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
