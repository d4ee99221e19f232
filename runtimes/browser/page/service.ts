import type { Thresholds } from '../../../src/face/verdict.ts';
import type { FacenForm } from '../../../src/pipeline/facen-form.ts';
import type { WireFace, WireFacesV1, WireResponse } from '../../../src/server/answer-schema.ts';

/** A face as JSON has it. */
export type JsonFace = Omit<WireFace, 'facen' | 'normalized'> & { facen?: string; normalized?: string };
export type JsonResponse = Omit<WireResponse<WireFacesV1>, 'faces'> & { faces: JsonFace[] };

/** Something that answers the contract: the same program in the page, or a server. */
export interface PageService {
  /** Answers a call to `POST /`. */
  fetch(request: Request): Promise<Response>;
}

/** The result of one call with one picture. */
export interface CallResult {
  /** The body, character by character. */
  readonly body: string;
  /** The answer to the one request; undefined where the call itself failed. */
  readonly response: JsonResponse | undefined;
  /** Of the request or of the call. */
  readonly error: { readonly code: string; readonly desc: string } | undefined;
  /** Milliseconds from the call to its answer. */
  readonly elapsed: number;
}

/** Sends one picture. @throws Error where no answer comes */
export async function send(
  service: PageService,
  url: URL,
  picture: Blob,
  request: object,
): Promise<CallResult> {
  const body = new FormData();
  body.set('request', JSON.stringify(request));
  body.set('sample', picture, 'sample');
  const start = performance.now();
  const answer = await service.fetch(new Request(url, { method: 'POST', body }));
  const text = await answer.text();
  const elapsed = performance.now() - start;
  const content = parse(text, answer.status);
  const response = content.responses?.[0];
  return { body: text, response, error: content.error ?? response?.error, elapsed };
}

function parse(text: string, status: number): { responses?: JsonResponse[]; error?: CallResult['error'] } {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`expected the answer of a phiz server, got status ${status} and no JSON`);
  }
}

/** The server that the page came from, if it is one. */
export class Server implements PageService {
  readonly url = new URL('./', location.href);
  /** Sent with every call where the server wants one. */
  key = '';

  /** True where a phiz server answers at this address; a static host has none. */
  async exists(): Promise<boolean> {
    const answer = await fetch(new URL('health', this.url), { cache: 'no-store' }).catch(() => undefined);
    const health: unknown = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
    return (health as { status?: string } | undefined)?.status === 'alive';
  }

  /** The thresholds of the server's vectors, where it tells them. */
  async thresholds(): Promise<Thresholds | undefined> {
    const answer = await this.fetch(new Request(new URL('ready', this.url))).catch(() => undefined);
    const ready: unknown = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
    return (ready as { facens?: FacenForm } | undefined)?.facens?.thresholds;
  }

  async fetch(request: Request): Promise<Response> {
    if (this.key) request.headers.set('Authorization', `Bearer ${this.key}`);
    try {
      return await fetch(request);
    } catch (cause) {
      throw new Error(`the server at ${this.url.host} does not answer`, { cause });
    }
  }
}
