import { encodeBase64 } from '../../base64.ts';
import { columns, type OutputLine, rowsOf, type Value } from './table.ts';

/** RFC 4180, in UTF-8. A vector is a JSON list of numbers, bytes are base64; what is not there is empty. */

export const csvHead = `${columns.map(({ name }) => name).join(',')}\n`;

export function csvRows(line: OutputLine): string {
  return rowsOf(line)
    .map((row) => `${columns.map(({ value }) => field(value(row))).join(',')}\n`)
    .join('');
}

function field(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Float32Array) return `"[${value.join(',')}]"`;
  if (value instanceof Uint8Array) return encodeBase64(value);
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
