import { PhizError } from '../errors.ts';

/**
 * Guards a service that is meant for its own machine from web pages elsewhere: a page's name can be
 * made to lead to 127.0.0.1 after it was loaded (DNS rebinding), and the browser then takes our answers
 * for that page's own. The `Host` header still has the page's name. Addresses and names without a dot
 * are nobody's to rebind.
 *
 * @param allowed names besides; `*` is every name
 */
export function createHostCheck(allowed: readonly string[]): (host: string | undefined) => void {
  const names = new Set(allowed.map(bareName));
  return (host) => {
    // Browsers always send one.
    if (host === undefined || names.has('*')) return;
    const name = bareName(host.replace(/:\d*$/, ''));
    if (!name.includes('.') || isAddress(name) || name.endsWith('.localhost') || names.has(name)) return;
    throw new PhizError(
      'FORBIDDEN',
      'expected a Host of this machine, such as 127.0.0.1 or localhost: others are to be named in allowed_hosts, or auth.keys set',
    );
  };
}

/** A name in its one form: case and the dot of the root tell nothing. */
const bareName = (name: string) => name.toLowerCase().replace(/\.$/, '');

const isAddress = (name: string) => name.startsWith('[') || /^[\d.]+$/.test(name);

/** True for a name or an address that can only be this machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|.+\.localhost|::1|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(host);
}
