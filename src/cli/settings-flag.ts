import { InvalidArgumentError } from 'commander';

/** `--set`: adds one `key=value` to those given before. */
export function parseSetting(text: string, settings: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Expected key=value, such as fetch.enabled=false.');
  return { ...settings, [text.slice(0, equals)]: text.slice(equals + 1) };
}
