import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { serveHttp } from '../../runtimes/node-api/serve.ts';
import type { HttpAddress, Listening } from '../../src/cli/host.ts';
import { pageHeaders } from '../../src/server/page.ts';

/** Serves a folder as it is. @param isolated whether to send the headers that make a page isolated */
export function serveFolder(folder: string, address: HttpAddress, isolated: boolean): Promise<Listening> {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    if (isolated) for (const [name, value] of Object.entries(pageHeaders)) c.header(name, value);
    c.header('Cache-Control', 'no-cache');
  });
  app.use(serveStatic({ root: folder }));
  return serveHttp((request) => app.fetch(request), address);
}
