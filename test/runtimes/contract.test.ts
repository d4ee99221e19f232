import { join } from 'node:path';
import { describe, inject } from 'vitest';
import { contractSuite } from '../contract/contract-suite.ts';
import { startProcess } from '../contract/start-process.ts';
import { runtimes } from './runtimes.ts';

const bare = inject('bare');

for (const { name, folder, command } of runtimes) {
  const [program, ...args] = command;
  describe(`on ${name}, without node_modules`, () => {
    contractSuite(startProcess(program, ...args, join(bare, folder, 'main.js')));
  });
}
