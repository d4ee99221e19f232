import { describe, inject } from 'vitest';
import { contractSuite } from '../contract/contract-suite.ts';
import { startProcess } from '../contract/start-process.ts';
import { httpSuite } from '../operations/http-suite.ts';
import { logSuite } from '../operations/log-suite.ts';
import { stoppingSuite } from '../operations/stopping-suite.ts';
import { commandLines } from './runtimes.ts';

for (const [name, commandLine] of commandLines(inject('bare'), inject('alone'))) {
  describe(`on ${name}, without node_modules`, () => {
    contractSuite(startProcess(...commandLine));
    stoppingSuite(startProcess(...commandLine));
    httpSuite(startProcess(...commandLine));
    logSuite(commandLine);
  });
}
