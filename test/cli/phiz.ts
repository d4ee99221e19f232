import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';

export const photographs = 'node_modules/@vladmandic/face-api/demo';

export interface Line {
  file: string;
  faces: { bbox: Record<string, number>; age: number; similarity: number; verdict?: string }[];
  error?: { code: string; desc: string };
}

/** Runs the built command line; a failing one is an answer too. */
export async function phiz(...args: string[]) {
  const run = promisify(execFile)(process.execPath, ['dist/node/main.js', ...args], { maxBuffer: 1e8 });
  const { stdout, stderr, code } = await run.then(
    (result) => ({ ...result, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  return {
    stdout,
    stderr,
    code,
    lines: () =>
      stdout
        .trim()
        .split('\n')
        .map((line): Line => JSON.parse(line)),
  };
}
