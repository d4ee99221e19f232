import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPublicAddress, networkOf } from '../../src/server/address.ts';

describe('public addresses', () => {
  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '192.167.255.255', '100.128.0.0', '223.255.255.255'])(
    'include %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ])('include %s', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.255',
    '161.26.0.10',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
  ])('exclude %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
    expect(isPublicAddress(`64:ff9b::${address}`)).toBe(false);
  });

  it.each([
    '::',
    '::1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '64:ff9b:1::1',
    '100::1',
  ])('exclude %s', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.256',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '8.8.8.8 ',
    'g::1',
  ])('exclude what is no address: %j', (text) => expect(isPublicAddress(text)).toBe(false));

  it('are told by what one peer has', () => {
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
    expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(networkOf('2001:db8:0:1:2:3:4:5')).toBe(networkOf('2001:db8:0:1::9'));
    expect(networkOf('2001:db8:0:1::')).not.toBe(networkOf('2001:db8:0:2::'));
  });

  it('agree with an independent block list', () => {
    const special = new BlockList();
    for (const [address, length] of [
      ['0.0.0.0', 8],
      ['10.0.0.0', 8],
      ['100.64.0.0', 10],
      ['127.0.0.0', 8],
      ['161.26.0.0', 24],
      ['168.63.129.16', 32],
      ['169.254.0.0', 16],
      ['172.16.0.0', 12],
      ['192.0.0.0', 24],
      ['192.0.2.0', 24],
      ['192.88.99.0', 24],
      ['192.168.0.0', 16],
      ['198.18.0.0', 15],
      ['198.51.100.0', 24],
      ['203.0.113.0', 24],
      ['224.0.0.0', 3],
    ] as const) {
      special.addSubnet(address, length);
    }
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(address)).toBe(!special.check(address));
      }),
      { numRuns: 2_000 },
    );
  });

  it('read every spelling of an IPv6 address alike', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.tuple(group, group, group, group, group, group, group, group), (groups) => {
        const full = groups.map((each) => each.toString(16)).join(':');
        const short = new URL(`http://[${full}]/`).hostname.slice(1, -1);
        expect(isPublicAddress(full)).toBe(isPublicAddress(short));
      }),
    );
  });
});
