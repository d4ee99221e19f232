/** `npm run build`: what rolldown.config.ts says, without the table of chunks that rolldown's command prints. */
import process from 'node:process';
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';
import { fetchWeights } from './fetch-weights.mjs';

await fetchWeights().catch((error) => {
  process.stderr.write(`weights: ${error.message}\n`);
  process.exit(1);
});

await build({
  ...(await loadConfig('rolldown.config.ts')),
  logLevel: 'warn',
  checks: { pluginTimings: false },
});
