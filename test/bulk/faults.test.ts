import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** The same at its full size: `npm run faults:bulk`. */
test('under faults each request has exactly one answer, and nothing is lost', async () => {
  const flags = ['--requests', '100', '--workers', '3', '--every', '4', '--limit', '240', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, ['dist/test/faults-main.js', ...flags]);
  const counts = JSON.parse(stdout);
  expect(counts).toMatchObject({
    requests: 100,
    'requests with one answer': 100,
    'requests without': 0,
    'requests with several': 0,
    'lines of no request': 0,
    'wrong answers': 0,
    // By itself.
    'collect ended with': expect.any(Number),
    'workers with other settings refused': 1,
    'submits killed': 1,
  });
}, 300_000);
