/**
 * Which addresses of the internet are open to anybody, after the IANA registries of special-purpose
 * IPv4 and IPv6 addresses.
 */

/**
 * Special IPv4 blocks: private, shared, loopback, link-local, documentation, multicast, reserved; and
 * what clouds keep for their own services in ranges that look public (Azure's host, IBM's services).
 */
const specialBlocks4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '161.26.0.0/24',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
].map((block) => {
  const [address, length] = block.split('/') as [string, string];
  const shift = 32 - Number(length);
  return { prefix: parse4(address)! >>> shift, shift };
});

/**
 * True for a textual IPv4 or IPv6 address (no brackets; a zone is allowed) that is globally reachable:
 * neither special itself nor a special IPv4 address in IPv6 clothes. False for any other text.
 */
export function isPublicAddress(address: string): boolean {
  const four = parse4(address);
  if (four !== null) return isPublic4(four);
  const groups = parse6(address);
  return groups !== null && isPublic6(groups);
}

/**
 * The network that one peer may have for itself: an IPv4 address, also in its IPv6 clothes; of an IPv6 address the
 * first 64 bits. Texts that are no address stand for themselves.
 */
export function networkOf(address: string): string {
  const groups = parse4(address) === null ? parse6(address) : null;
  if (groups === null) return address;
  const [g, h] = groups.slice(6) as [number, number];
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [g >>> 8, g & 255, h >>> 8, h & 255].join('.');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

function isPublic4(address: number): boolean {
  return !specialBlocks4.some(({ prefix, shift }) => address >>> shift === prefix);
}

function isPublic6(groups: readonly number[]): boolean {
  const [a, b, c, d, e, f, g, h] = groups as [number, number, number, number, number, number, number, number];
  const last4 = ((g << 16) | h) >>> 0;
  const zeros = (a | b | c | d) === 0;
  if (zeros && e === 0 && f === 0xffff) return isPublic4(last4); // ::ffff:0:0/96, IPv4-mapped
  if (a === 0x64 && b === 0xff9b && (c | d | e | f) === 0) return isPublic4(last4); // 64:ff9b::/96, NAT64
  if (a === 0x2002) return isPublic4(((b << 16) | c) >>> 0); // 2002::/16, 6to4
  if (a >>> 13 !== 0b001) return false; // all global unicast is in 2000::/3
  if (a === 0x2001 && b < 0x200) return false; // 2001::/23, protocol assignments (Teredo, ORCHID)
  if (a === 0x2001 && b === 0xdb8) return false; // 2001:db8::/32, documentation
  if (a === 0x3fff && b < 0x1000) return false; // 3fff::/20, documentation
  return true;
}

/** The 32 bits of a dotted quad, or null. */
function parse4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return null;
  return parts.reduce((bits, part) => ((bits << 8) | part) >>> 0, 0);
}

/** The eight 16-bit groups of an IPv6 address (RFC 4291, section 2.2), or null. */
function parse6(text: string): number[] | null {
  const [unzoned] = text.split('%') as [string];
  const quad = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(unzoned);
  let hex = unzoned;
  if (quad) {
    const four = parse4(quad[2]!);
    if (four === null) return null;
    hex = `${quad[1]}${(four >>> 16).toString(16)}:${(four & 0xffff).toString(16)}`;
  }
  const halves = hex.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (tail ? missing < 1 : missing !== 0) return null;
  const groups = [...head!, ...Array<string>(tail ? missing : 0).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return null;
  return groups.map((group) => Number.parseInt(group, 16));
}
