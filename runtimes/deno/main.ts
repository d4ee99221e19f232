#!/usr/bin/env -S deno run --allow-net --allow-read --allow-write --allow-sys=homedir --allow-env=XDG_CACHE_HOME,CFG_*,NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE
import { runAndExit } from '../node-api/run-and-exit.ts';
import { denoHost } from './host.ts';

await runAndExit(denoHost);
