import { lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { HttpTransport } from '../../src/server/fetch-picture.ts';

/** Resolves a name to every address that it has. */
export type Resolve = typeof lookup;

/**
 * HTTP over `node:http`. A name is resolved by our own look-up, whose checked answer is what the
 * socket connects to: there is no second resolution that could lead elsewhere. `globalThis.fetch`
 * offers no such hook.
 */
export const createHttpTransport = (resolve: Resolve = lookup): HttpTransport => ({
  async get(url, { allows, signal }) {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // A literal address is connected to without a look-up.
    if (isIP(host) && !allows(host)) throw forbidden(host);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const answer = await new Promise<IncomingMessage>((respond, reject) => {
      send(url, {
        agent: false,
        signal,
        lookup: checkedLookup(resolve, allows),
        headers: { Accept: 'image/*', 'User-Agent': 'phiz' },
      })
        .on('response', respond)
        .on('error', reject)
        .end();
    });
    return {
      status: answer.statusCode ?? 0,
      location: answer.headers.location,
      body: answer,
      close: () => void answer.destroy(),
    };
  },
});

/** Resolves a name as the system does, and fails unless every address it has is allowed. */
function checkedLookup(resolve: Resolve, allows: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = addresses?.find(({ address }) => !allows(address));
      if (error) callback(error, []);
      else if (refused) callback(forbidden(refused.address), []);
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

const forbidden = (address: string) =>
  new Error(`${address} is not a public address, and fetch.allow_private_networks is off`);
