import { posix, win32 } from 'node:path';

/**
 * Where programs keep what they can fetch again: below XDG_CACHE_HOME or ~/.cache on Linux and its
 * kin, ~/Library/Caches on macOS, LOCALAPPDATA on Windows; without a home /var/cache, as a service.
 *
 * @param home the user's folder, or what tells it: not asked where the environment says enough
 */
export function cacheFolder(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
  home: string | (() => string | undefined),
): string {
  const homeFolder = () => (typeof home === 'string' ? home : home());
  if (platform === 'win32') {
    const local = environment.LOCALAPPDATA ?? win32.join(homeFolder() ?? 'C:\\', 'AppData', 'Local');
    return win32.join(local, 'phiz', 'Cache');
  }
  // The XDG base directory specification says to ignore relative ones.
  const xdg = environment.XDG_CACHE_HOME;
  if (xdg && posix.isAbsolute(xdg)) return posix.join(xdg, 'phiz');
  const own = homeFolder();
  if (own === undefined) return '/var/cache/phiz';
  return posix.join(own, platform === 'darwin' ? 'Library/Caches' : '.cache', 'phiz');
}
