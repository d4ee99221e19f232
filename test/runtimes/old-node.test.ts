import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';

/** Runs a Node that is older than phiz needs. */
async function run(node: string, ...args: string[]) {
  const program = join('test/runtimes/node_modules', node, 'bin/node');
  return promisify(execFile)(program, args).then(
    (result) => ({ ...result, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
}

// Not to be had for every system.
describe.each(['node16', 'node18'].filter((name) => existsSync(join('test/runtimes/node_modules', name))))(
  '%s',
  (node) => {
    it.each([[[]], [['serve']], [['--help']]])(
      'is refused in one sentence by the program: %j',
      async (args) => {
        const { stdout, stderr, code } = await run(node, join(inject('bare'), 'node/main.js'), ...args);
        expect([stdout, code]).toEqual(['', 2]);
        expect(stderr).toMatch(/^phiz: Node 1[68]\.\S+ is too old: phiz needs Node 20 or newer [^\n]+\n$/);
      },
    );

    it('is refused in one sentence by the library', async () => {
      const library = pathToFileURL(join(inject('bare'), 'node/index.js')).href;
      const { stdout } = await run(
        node,
        '-e',
        `import('${library}').catch(({ message }) => console.log(message))`,
      );
      expect(stdout).toMatch(/^phiz needs Node 20 or newer, this is Node 1[68]\.\S+\n$/);
    });
  },
);
