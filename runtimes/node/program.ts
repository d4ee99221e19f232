import v8 from 'node:v8';
import { runAndExit } from '../node-api/run-and-exit.ts';
import { processFlag } from '../node-api/thread.ts';
import { nodeHost } from './host.ts';

v8.setFlagsFromString(processFlag);
await runAndExit(nodeHost);
