import { promises as dns, type LookupAddress } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import process from 'node:process';

/** Look-ups at a time. Calls in progress bound them well below; this is the end of it. */
const mostLookups = 1_024;

/** Milliseconds for one question to one server, and how often it is put. */
const questionTime = 2_000;
const tries = 2;

const hostsFile = process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts';

let lookups = 0;

/**
 * Every address of a name, by the hosts file, else by DNS as resolv.conf says. Unlike the system's own
 * look-up, of which a process has two at a time and which cannot be given up, this one ends with its
 * signal and keeps nobody from another.
 *
 * @param servers to ask instead of those of resolv.conf
 * @throws Error where there is none; the signal's reason.
 */
export async function resolveName(
  name: string,
  signal: AbortSignal,
  servers?: readonly string[],
): Promise<LookupAddress[]> {
  signal.throwIfAborted();
  if (lookups >= mostLookups) throw new Error('too many names are being looked up');
  const resolver = new dns.Resolver({ timeout: questionTime, tries });
  if (servers) resolver.setServers(servers);
  lookups++;
  let giveUp = () => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => {
      resolver.cancel();
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([aborted, resolve(resolver, name)]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    lookups--;
  }
}

async function resolve(resolver: dns.Resolver, name: string): Promise<LookupAddress[]> {
  const known = addressesIn(await read(hostsFile), name);
  if (known.length > 0) return known;
  for (const candidate of candidatesFor(name, await read('/etc/resolv.conf'))) {
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(candidate),
      resolver.resolve6(candidate),
    ]);
    const found = [...addressesOf(four, 4), ...addressesOf(six, 6)];
    if (found.length > 0) return found;
  }
  throw new Error('the name has no address');
}

const addressesOf = (answer: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] =>
  answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];

/** The addresses that a hosts file gives a name; hosts(5). */
export function addressesIn(hosts: string, name: string): LookupAddress[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  return hosts.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    return family !== 0 && names.some((each) => each.toLowerCase() === wanted) ? [{ address, family }] : [];
  });
}

/** The names to ask for, in order, by the search list and `ndots`; resolv.conf(5). */
export function candidatesFor(name: string, configuration: string): string[] {
  if (name.endsWith('.')) return [name];
  let search: string[] = [];
  let ndots = 1;
  for (const line of configuration.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') search = values;
    if (keyword !== 'options') continue;
    for (const option of values)
      if (/^ndots:\d+$/.test(option)) ndots = Number(option.slice('ndots:'.length));
  }
  const searched = search.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

/** A file's text; that of one that cannot be read is empty. */
const read = (path: string) => readFile(path, 'utf8').catch(() => '');
