#!/usr/bin/env -S deno run --allow-net --allow-read --allow-write --allow-sys=homedir --allow-env=XDG_CACHE_HOME,CFG_*,NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE
import process from 'node:process';
import { runProgram } from '../../src/cli/program.ts';
import { connectNats } from '../node-api/nats.ts';
import { denoHost } from './host.ts';

await runProgram(denoHost, connectNats);

// A thread that computes for ever cannot be stopped in Deno 2.9 and would keep the process: the pool
// has replaced it, but it goes on.
process.stdout.write('', () => process.exit());
