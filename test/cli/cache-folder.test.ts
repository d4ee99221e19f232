import { expect, test } from 'vitest';
import { cacheFolder } from '../../runtimes/node-api/cache-folder.ts';

test.each([
  ['linux', {}, '/home/ann/.cache/phiz'],
  ['linux', { XDG_CACHE_HOME: '/var/cache' }, '/var/cache/phiz'],
  ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/ann/.cache/phiz'],
  ['darwin', {}, '/home/ann/Library/Caches/phiz'],
  [
    'win32',
    { LOCALAPPDATA: 'C:\\Users\\ann\\AppData\\Local' },
    'C:\\Users\\ann\\AppData\\Local\\phiz\\Cache',
  ],
] as const)('%s %o', (platform, environment, folder) => {
  expect(cacheFolder(platform, environment, '/home/ann')).toBe(folder);
});
