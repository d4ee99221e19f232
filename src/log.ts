export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Facts of one event. No picture, address, name or other personal data belongs in them. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Where events go. `event` is a constant phrase, what varies is in `fields`. */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/** For callers that want no log. */
export const silent: Log = () => {};

/**
 * One JSON object a line: `time` (ISO 8601, UTC), `level`, `event`, then the fields.
 *
 * @param least level that is written
 */
export function jsonLog(
  write: (line: string) => void,
  least: LogLevel = 'debug',
  now: () => Date = () => new Date(),
): Log {
  return (level, event, fields) => {
    if (logLevels.indexOf(level) < logLevels.indexOf(least)) return;
    write(`${JSON.stringify({ time: now().toISOString(), level, event, ...fields })}\n`);
  };
}
