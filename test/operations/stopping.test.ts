import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../contract/start-process.ts';
import { stoppingSuite } from './stopping-suite.ts';

stoppingSuite(
  startProcess(process.execPath, fileURLToPath(new URL('../../dist/node/main.js', import.meta.url))),
);
