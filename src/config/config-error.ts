/** A mistake that stops the start. The message is one line: where, which key, what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
