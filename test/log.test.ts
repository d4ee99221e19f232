import { expect, it } from 'vitest';
import { jsonLog } from '../src/log.ts';

it('writes one JSON object a line, whatever the fields hold', () => {
  const lines: string[] = [];
  const log = jsonLog(
    (line) => lines.push(line),
    'info',
    () => new Date(0),
  );
  log('debug', 'not written');
  log('warn', 'call refused', { requestId: 'a\nb', status: 503, absent: undefined });
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","event":"call refused","requestId":"a\\nb","status":503}\n',
  ]);
});
