#!/usr/bin/env bun
import { runAndExit } from '../node-api/run-and-exit.ts';
import { bunHost } from './host.ts';

await runAndExit(bunHost);
