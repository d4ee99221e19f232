import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { getPath } from 'hono/utils/url';
import type { Config } from '../config/schema.ts';
import type { Engine } from '../engine.ts';
import { type ErrorCode, errorTable, PhizError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Platform } from '../platform.ts';
import { answerPost } from './answer-post.ts';
import type { WireError } from './answer-schema.ts';
import { createKeyCheck } from './auth.ts';
import { docsPage } from './docs.ts';
import type { HttpTransport } from './fetch-picture.ts';
import { createHostCheck } from './host-check.ts';
import { openApiDocument } from './openapi.ts';
import { metricsContentType, type Operations } from './operations.ts';
import { servePage } from './page.ts';
import type { Peer } from './peer.ts';
import { randomId } from './random-id.ts';
import { type ApiVersion, v1, v2 } from './versions.ts';

export interface AppOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly log: Log;
  /** Needed for `http:` and `https:` pictures; without it they answer IMAGE_FETCH_DISABLED. */
  readonly transport?: HttpTransport;
  /** Admission and metrics. Without it every call is admitted and `/ready`, `/metrics` do not exist. */
  readonly operations?: Operations;
  /** Needed for the page for people; without it `GET /` is not allowed. */
  readonly readAsset?: Platform['readAsset'];
  /** True: the service is for its own machine alone, and the `Host` of calls is checked. */
  readonly localOnly?: boolean;
}

type Env = { Variables: { id: string }; Bindings: Partial<Peer> };
type PhizContext = Context<Env>;

/**
 * The HTTP service: a plain `fetch` handler over an engine, which knows no socket.
 *
 * @example
 * const app = createApp({ engine, config: defaultConfig(), log: silent });
 * const response = await app.fetch(new Request('http://localhost/', { method: 'POST', body }));
 */
export function createApp({
  engine,
  config,
  log,
  transport,
  operations,
  readAsset,
  localOnly = false,
}: AppOptions): Hono<Env> {
  // Clients that put a path behind an address ending in a slash send `POST //`; others end the path in one.
  const app = new Hono<Env>({
    getPath: (request) =>
      getPath(request)
        .replace(/^\/{2,}/, '/')
        .replace(/(?<=[^/])\/+$/, ''),
  });
  const checkKey = createKeyCheck(config.auth.keys);
  const checkHost = createHostCheck(config.allowed_hosts);
  /** For what keys protect unless `auth.open` names it. */
  const guarded = (what?: (typeof config.auth.open)[number]): MiddlewareHandler => {
    const open = config.auth.keys.length === 0 || (what !== undefined && config.auth.open.includes(what));
    return async (c, next) => {
      if (!open) await checkKey(c.req.header('authorization'));
      await next();
    };
  };

  app.use(async (c, next) => {
    const start = performance.now();
    c.set('id', idOf(c.req.header('X-Request-Id')));
    c.header('X-Request-Id', c.get('id'));
    await next();
    const elapsed = performance.now() - start;
    operations?.callDone(c.res.status, elapsed / 1_000);
    log(c.req.method === 'POST' ? 'info' : 'debug', 'call answered', {
      id: c.get('id'),
      method: c.req.method,
      status: c.res.status,
      milliseconds: Math.round(elapsed),
    });
  });
  if (localOnly) {
    app.use(async (c, next) => {
      // Probes ask by any name, and learn nothing.
      if (c.req.path !== '/health') checkHost(c.req.header('host'));
      await next();
    });
  }
  // For pages that send pictures: what tells of the service is no other site's business.
  if (config.allow_cors) {
    const open = cors({
      origin: '*',
      allowMethods: ['GET', 'POST'],
      exposeHeaders: ['X-Request-Id', 'Retry-After'],
    });
    app.use('/', open).use('/v2', open);
  }

  if (readAsset) app.use(servePage(readAsset));

  const post = (version: ApiVersion) => (c: PhizContext) =>
    answerPost(c, version, { engine, config, transport, operations }, (error) => logUnexpected(c, error));
  app.post('/', guarded(), post(v1));
  app.post('/v2', guarded(), post(v2));

  const document = openApiDocument(config);
  app.get('/openapi.json', guarded('docs'), (c) => c.json(document));
  app.get('/docs', guarded('docs'), (c) =>
    c.html(docsPage(document), 200, {
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
    }),
  );
  app.get('/health', (c) => c.json({ status: 'alive' }));
  if (operations) {
    app.get('/ready', guarded('ready'), (c) => {
      const { ready, detail, facens } = operations.readiness();
      return c.json({ ready, detail, facens }, ready ? 200 : 503);
    });
    app.get('/metrics', guarded('metrics'), (c) =>
      c.body(operations.metrics(), 200, { 'Content-Type': metricsContentType }),
    );
  }

  const allowed = new Map<string, string>();
  for (const { path, method } of app.routes) if (method !== 'ALL') allowed.set(path, method);
  for (const [path, method] of allowed) {
    app.all(path, (c) => {
      const methods = method === 'GET' ? 'GET, HEAD' : method;
      c.header('Allow', methods);
      return fail(
        c,
        'METHOD_NOT_ALLOWED',
        `expected ${methods} at ${path}, got ${c.req.method}; see GET /docs`,
      );
    });
  }
  app.notFound((c) =>
    fail(c, 'NOT_FOUND', 'there is nothing at this path; requests go to POST / or POST /v2'),
  );
  app.onError((error, c) => {
    if (error instanceof PhizError && error.code !== 'INTERNAL') {
      if (error.code === 'OVERLOADED') c.header('Retry-After', String(operations?.retryAfter() ?? 1));
      if (error.code === 'UNAUTHORIZED') c.header('WWW-Authenticate', 'Bearer');
      return fail(c, error.code, error.message);
    }
    if (!c.req.raw.signal.aborted) logUnexpected(c, error);
    return fail(c, 'INTERNAL', `an unexpected error; the log has it under ${c.get('id')}`);
  });
  return app;

  function logUnexpected(c: PhizContext, error: unknown): void {
    const { stack, message } = error instanceof Error ? error : new Error(String(error));
    log('error', 'unexpected error', { id: c.get('id'), error: stack ?? message });
  }
}

/** The form of an id that a caller or a proxy may give: short, and harmless in a log. */
const givenId = /^[\w.:-]{1,64}$/;

/** The id of a call: the one that came with it, so that logs on its way can be joined, else a new one. */
function idOf(given: string | undefined): string {
  return given !== undefined && givenId.test(given) ? given : randomId();
}

function fail(c: PhizContext, code: ErrorCode, desc: string): Response {
  const error: WireError = { code, desc };
  return c.json({ error }, errorTable[code].status);
}
