import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { contractSuite } from './contract-suite.ts';
import { startProcess } from './start-process.ts';

const program = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));

describe('on Node', () => contractSuite(startProcess(process.execPath, program)));
