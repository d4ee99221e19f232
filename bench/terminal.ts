import process from 'node:process';
import type { TextSink } from '../src/cli/host.ts';

/** Where benchmarks draw their progress. */
export const terminal: TextSink = {
  write: (text) => void process.stderr.write(text),
  columns: process.stderr.columns,
};
