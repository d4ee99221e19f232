/** `npm run build`: what rolldown.config.ts says, without the table of chunks that rolldown's command prints. */
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';

await build({
  ...(await loadConfig('rolldown.config.ts')),
  logLevel: 'warn',
  checks: { pluginTimings: false },
});
