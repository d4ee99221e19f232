import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { getPath } from 'hono/utils/url';
import type { Config } from '../config/schema.ts';
import type { Engine } from '../engine.ts';
import { type ErrorCode, errorTable, PhizError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Platform } from '../platform.ts';
import { metricsContentType, type Operations } from '../pool/operations.ts';
import { answerRules, asBase64, asBytes } from './answer.ts';
import { answerCall } from './answer-call.ts';
import type { WireError } from './answer-schema.ts';
import { createKeyCheck } from './auth.ts';
import { readBody } from './body.ts';
import { docsPage } from './docs.ts';
import { encodeAnswer } from './encode-answer.ts';
import type { HttpTransport } from './fetch-picture.ts';
import { createHostCheck } from './host-check.ts';
import { parseJson } from './json.ts';
import { parseMultipart } from './multipart.ts';
import { openApiDocument } from './openapi.ts';
import { servePage } from './page.ts';
import { partNames } from './pictures.ts';
import { randomId } from './random-id.ts';
import { parseCall } from './request-schema.ts';
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
  /** Whether the service is for its own machine alone: then the `Host` of calls is checked. */
  readonly localOnly?: boolean;
}

type Env = { Variables: { id: string } };
type PhizContext = Context<Env>;

/** Parts besides the pictures that a client may send: the request, and a few fields of its own. */
const spareParts = 16;

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
  // Clients that put a path behind an address ending in a slash send `POST //`.
  const app = new Hono<Env>({ getPath: (request) => getPath(request).replace(/^\/{2,}/, '/') });
  const checkKey = createKeyCheck(config.auth.keys);
  const rules = answerRules(config);
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

  app.post('/', guarded(), (c) => answerPost(c, v1));
  app.post('/v2', guarded(), (c) => answerPost(c, v2));

  async function answerPost(c: PhizContext, version: ApiVersion): Promise<Response> {
    const kind = bodyKind(c.req.header('content-type'));
    checkCoding(c.req.header('content-encoding'));
    const limit = config.limits.body_size;
    const ticket = operations?.receive(Math.min(limit, Number(c.req.header('content-length')) || 0));

    // Ends with the call, whichever way that ends: nothing of it goes on without a ticket.
    const over = new AbortController();
    const { signal: client } = c.req.raw;
    const leave = () => over.abort(client.reason);
    client.addEventListener('abort', leave);
    try {
      const { timeout } = config.limits;
      const body = await readBody(c.req.raw, { size: limit, timeout }, (count) => ticket?.hold(count));
      const { parsed, parts } = parseBody(body, kind, c.req.header('content-type') ?? '');
      ticket?.begin();
      const { call } = parsed;
      const responses = await answerCall(call, {
        engine,
        version,
        rules,
        sources: { parts, transport: config.fetch.enabled ? transport : undefined, limits: config.fetch },
        timeout,
        form: call.response_format === 'msgpack' ? asBytes : asBase64,
        signal: over.signal,
        ticket,
        onResult: (result) => operations?.requestDone(result),
        onUnexpected: (error) => logUnexpected(c, error),
      });
      const { body: answer, contentType } = encodeAnswer(parsed, responses);
      return c.body(answer, 200, { 'Content-Type': contentType });
    } finally {
      // Node keeps signals of requests while they have listeners, and with them whatever those reach.
      client.removeEventListener('abort', leave);
      over.abort();
      ticket?.release();
    }
  }

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
      const { ready, detail } = operations.readiness();
      return c.json({ ready, detail }, ready ? 200 : 503);
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

  function parseBody(body: Uint8Array, kind: BodyKind, contentType: string) {
    const { requests } = config.limits;
    if (kind === 'json') return { parsed: parseCall(parseJson(body), requests), parts: new Map() };
    const parts = parseMultipart(body, contentType, requests + spareParts);
    const request = parts.get('request');
    if (!request) {
      throw new PhizError(
        'BAD_REQUEST',
        `expected a part named "request" with the JSON; the body has ${partNames(parts)}`,
      );
    }
    return { parsed: parseCall(parseJson(request), requests), parts };
  }

  function logUnexpected(c: PhizContext, error: unknown): void {
    const { stack, message } = error instanceof Error ? error : new Error(String(error));
    log('error', 'unexpected error', { id: c.get('id'), error: stack ?? message });
  }
}

/** What an id that a caller or a proxy gives may be: short, and harmless in a log. */
const givenId = /^[\w.:-]{1,64}$/;

/** The id of a call: the one that came with it, so that logs on its way can be joined, else a new one. */
function idOf(given: string | undefined): string {
  return given !== undefined && givenId.test(given) ? given : randomId();
}

type BodyKind = 'json' | 'multipart';

/** @throws PhizError UNSUPPORTED_MEDIA_TYPE */
function bodyKind(contentType: string | undefined): BodyKind {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  if (type === 'multipart/form-data') return 'multipart';
  throw new PhizError(
    'UNSUPPORTED_MEDIA_TYPE',
    `expected Content-Type application/json or multipart/form-data, got ${type.slice(0, 100) || 'none'}`,
  );
}

/** @throws PhizError UNSUPPORTED_MEDIA_TYPE where the body is compressed */
function checkCoding(coding = ''): void {
  if (coding === '' || coding.toLowerCase() === 'identity') return;
  throw new PhizError(
    'UNSUPPORTED_MEDIA_TYPE',
    `expected a body as it is, without Content-Encoding; pictures are compressed already`,
  );
}

function fail(c: PhizContext, code: ErrorCode, desc: string): Response {
  const error: WireError = { code, desc };
  return c.json({ error }, errorTable[code].status);
}
