import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../contract/start-process.ts';
import { httpSuite } from './http-suite.ts';

httpSuite(startProcess(process.execPath, fileURLToPath(new URL('../../dist/node/main.js', import.meta.url))));
