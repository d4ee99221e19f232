import { runAndExit } from '../node-api/run-and-exit.ts';
import { nodeHost } from './host.ts';

await runAndExit(nodeHost);
