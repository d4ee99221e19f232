import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import type { HttpTransport } from '../../src/server/fetch-picture.ts';
import { resolveName } from './resolve-name.ts';

/** Resolves a name to every address that it has. */
export type Resolve = (
  name: string,
  options: { readonly all: true; readonly signal: AbortSignal },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

const resolveByDns: Resolve = (name, { signal }, callback) => {
  resolveName(name, signal).then(
    (addresses) => callback(null, addresses),
    (error: Error) => callback(error, []),
  );
};

/**
 * HTTP over `node:http`. A name is resolved by our own look-up, whose checked answer is what the
 * socket connects to: there is no second resolution that could lead elsewhere. `globalThis.fetch`
 * offers no such hook.
 */
export const createHttpTransport = (resolve: Resolve = resolveByDns): HttpTransport => ({
  async get(url, { allows, signal }) {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // A literal address is connected to without a look-up.
    if (isIP(host) && !allows(host)) throw new Error(`${host} ${notPublic}`);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const answer = await new Promise<IncomingMessage>((respond, reject) => {
      send(url, {
        agent: false,
        signal,
        lookup: checkedLookup(resolve, allows, signal),
        headers: { Accept: 'image/*', 'Accept-Encoding': 'identity', 'User-Agent': 'phiz' },
      })
        .on('response', respond)
        .on('upgrade', ({ statusCode }, socket) => {
          socket.destroy();
          reject(new Error(`expected status 200, got ${statusCode}`));
        })
        .on('error', (error: NodeJS.ErrnoException) => reject(withoutAddress(error)))
        .end();
    });
    return {
      status: answer.statusCode ?? 0,
      location: answer.headers.location && asUtf8(answer.headers.location),
      get body() {
        return decoded(answer);
      },
      close: () => void answer.destroy(),
    };
  },
});

const notPublic = 'is not a public address, and fetch.allow_private_networks is off';

/**
 * Resolves a name, and fails unless every address it has is allowed. That an inner name exists is
 * nobody's business, let alone where it leads: both failures read alike.
 */
function checkedLookup(
  resolve: Resolve,
  allows: (address: string) => boolean,
  signal: AbortSignal,
): LookupFunction {
  // Whoever may fetch from inner addresses may know of them.
  const open = allows('127.0.0.1');
  return (hostname, options, callback) => {
    resolve(hostname, { all: true, signal }, (error, addresses) => {
      const asked = options.family === 4 || options.family === 6 ? options.family : 0;
      const usable = addresses?.filter(({ family }) => asked === 0 || family === asked) ?? [];
      const allowed = addresses?.every(({ address }) => allows(address));
      if (open && error) callback(error, []);
      else if (error || !allowed || usable.length === 0)
        callback(new Error(`the name leads nowhere, or to what ${notPublic}`), []);
      else if (options.all) callback(null, usable);
      else callback(null, usable[0]!.address, usable[0]!.family);
    });
  };
}

/** A failure to connect in words that name no address. */
function withoutAddress(error: NodeJS.ErrnoException): Error {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the connection was refused',
    EHOSTUNREACH: 'its host cannot be reached',
    ENETUNREACH: 'its network cannot be reached',
    ETIMEDOUT: 'the connection took too long',
    EACCES: 'connecting is not permitted',
    EPERM: 'connecting is not permitted',
  };
  const known = words[error.code ?? ''];
  if (known) return new Error(known, { cause: error });
  // Several addresses that failed each in its own way.
  return error instanceof AggregateError ? new Error(words.EHOSTUNREACH, { cause: error }) : error;
}

/** Many servers send raw UTF-8 in `Location`, which HTTP's own Latin-1 tears apart. */
function asUtf8(header: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'));
  } catch {
    return header;
  }
}

/** The body without its coding, as servers put one on unasked; read as it is asked for. */
function decoded(answer: IncomingMessage): AsyncIterable<Uint8Array> {
  const coding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return answer;
  let decoder: Transform;
  if (coding === 'br') decoder = createBrotliDecompress();
  else if (['gzip', 'x-gzip', 'deflate'].includes(coding)) decoder = createUnzip();
  else throw new Error(`expected no Content-Encoding, got ${JSON.stringify(coding.slice(0, 40))}`);
  return pipeline(answer, decoder, () => {});
}
