#!/usr/bin/env node
import { runProgram } from '../../src/cli/program.ts';
import { connectNats } from '../node-api/nats.ts';
import { nodeHost } from './host.ts';

await runProgram(nodeHost, connectNats);
