#!/usr/bin/env bun
import { runProgram } from '../../src/cli/program.ts';
import { bunHost } from './host.ts';

await runProgram(bunHost);
