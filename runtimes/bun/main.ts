#!/usr/bin/env bun
import { runProgram } from '../../src/cli/program.ts';
import { connectNats } from '../node-api/nats.ts';
import { bunHost } from './host.ts';

await runProgram(bunHost, connectNats);
