import type { Config } from '../config/schema.ts';
import { startEngine } from '../create-engine.ts';
import { jsonLog } from '../log.ts';
import { createApp } from '../server/app.ts';
import { engineOptions } from './engine-options.ts';
import type { Host } from './host.ts';

/** Runs the service until the process is asked to stop. */
export async function serve(host: Host, config: Config): Promise<void> {
  const log = jsonLog((line) => host.stderr.write(line));
  const engine = startEngine(host.platform, { ...engineOptions(config), log });
  const app = createApp({ engine, config, log, transport: host.transport });
  const server = await host.serve((request) => app.fetch(request), config.listen);
  host.stdout.write(greeting(server.url));
  await engine.ready;
  host.stdout.write('The networks are loaded.\n');
  await new Promise<void>((resolve) => host.onStop(resolve));
  await server.close();
  await engine.close();
}

/** What a person at the terminal can try. */
function greeting(url: string): string {
  return `phiz listens on ${url}

Try it with a picture:

  curl -F sample=@photo.jpg -F 'request={"requests": [{"image": "multipart:sample",
    "need_age": true, "need_gender": true, "need_emotions": true}]}' ${url}

Reference: ${url}docs

`;
}
