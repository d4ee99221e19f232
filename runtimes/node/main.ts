#!/usr/bin/env node
// What every Node can read, as a module or not: no import before this Node is known to do.

/** The oldest Node that runs the program, as in package.json. */
const oldest = 20;

const major = Number(process.versions.node.split('.')[0]);
if (major < oldest) {
  process.stderr.write(
    `phiz: Node ${process.versions.node} is too old: phiz needs Node ${oldest} or newer (https://nodejs.org), or its single file, which needs none\n`,
  );
  process.exit(2);
}

import('./limits.ts')
  .then(({ checkLimits }) => checkLimits())
  .then(() => import('./program.ts'))
  .catch((error: unknown) => {
    process.stderr.write(`phiz: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
