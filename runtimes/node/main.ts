#!/usr/bin/env node
import { runProgram } from '../../src/cli/program.ts';
import { nodeHost } from './host.ts';

await runProgram(nodeHost);
