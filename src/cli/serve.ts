import type { LoadedConfig } from '../config/load.ts';
import { startEngine } from '../create-engine.ts';
import { jsonLog } from '../log.ts';
import { sendingTime } from '../server/answer-post.ts';
import { createApp } from '../server/app.ts';
import { isLoopback } from '../server/host-check.ts';
import { createOperations } from '../server/operations.ts';
import { createRefuse } from '../server/refusal.ts';
import { engineOptions } from './engine-options.ts';
import type { Host } from './host.ts';

/**
 * Share of a request's time limit that it may be expected to wait: what is accepted is answered in
 * time, even where it takes longer than those before it.
 */
const waitingShare = 0.5;

/** Milliseconds beyond the end of a call that a stop waits at most. */
const patience = 1_000;

/** Runs the service until the process is asked to stop, and everything accepted is answered. */
export async function serve(host: Host, loaded: LoadedConfig): Promise<void> {
  const { config } = loaded;
  const log = jsonLog((line) => host.log.write(line), config.log_level);
  const stopAsked = new Promise<void>((resolve) => host.onStop(resolve));
  const engine = startEngine(host.platform, {
    ...(await engineOptions(host, loaded)),
    longestWait: waitingShare * loaded.config.limits.timeout,
    log,
    onRest: () => host.collectGarbage(),
  });
  const operations = createOperations({
    pool: engine,
    log,
    tickerInterval: config.ticker_interval,
    memory: host.memory,
    logLinesLost: () => host.log.lost,
  });
  const keyless = config.auth.keys.length === 0;
  // A socket among the files is out of a browser's reach.
  const loopback = 'host' in config.listen && isLoopback(config.listen.host);
  const app = createApp({
    engine,
    config,
    log,
    transport: host.transport,
    operations,
    readAsset: (name) => host.platform.readAsset(name),
    localOnly: keyless && loopback,
  });
  try {
    const server = await host.serve((request, peer) => app.fetch(request, peer), config.listen, {
      body: config.limits.timeout,
      refuse: createRefuse(log, operations),
    });
    try {
      host.greeting.write(greeting(server.url));
      if (keyless && 'host' in config.listen && !loopback) {
        log('warn', 'anyone who reaches this address may use it: auth.keys is empty');
      }
      const loaded = engine.ready.then(() => host.greeting.write('The networks are loaded.\n'));
      await Promise.race([stopAsked, loaded.then(() => stopAsked)]);
      log('info', 'stopping', { calls: engine.status.calls });
    } finally {
      await server.close(config.limits.timeout + sendingTime + patience);
    }
  } finally {
    await engine.close();
    operations.close();
  }
  log('info', 'stopped');
}

/** The first lines for a person at the terminal: the address, and a call to try. */
function greeting(url: string): string {
  if (url.startsWith('unix:')) return `phiz listens on ${url}\n`;
  return `phiz listens on ${url}

Open that in a browser, or try it with a picture:

  curl -F sample=@photo.jpg -F 'request={"requests": [{"image": "multipart:sample",
    "need_age": true, "need_gender": true, "need_emotions": true}]}' ${url}

Reference: ${url}docs

`;
}
