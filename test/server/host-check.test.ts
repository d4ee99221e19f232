import { describe, expect, it } from 'vitest';
import { createHostCheck } from '../../src/server/host-check.ts';

describe('the check of the Host header', () => {
  it.each([
    ['EXAMPLE.net.', 'example.net'],
    ['example.net', 'Example.NET.:8080'],
    ['xn--bcher-kva.de', 'xn--bcher-kva.de'],
    ['*', 'any.example'],
  ])('lets %s be told as %s', (allowed, host) => {
    expect(() => createHostCheck([allowed])(host)).not.toThrow();
  });

  it.each(['other.example', 'sub.example.net', 'example.net.evil.example'])('refuses %s', (host) => {
    expect(() => createHostCheck(['example.net'])(host)).toThrow('expected a Host of this machine');
  });
});
