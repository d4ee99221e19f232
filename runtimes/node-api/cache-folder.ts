import { posix, win32 } from 'node:path';

/**
 * Where programs keep what they can fetch again: below XDG_CACHE_HOME or ~/.cache on Linux and its
 * kin, ~/Library/Caches on macOS, LOCALAPPDATA on Windows.
 */
export function cacheFolder(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  if (platform === 'win32') {
    const local = environment.LOCALAPPDATA ?? win32.join(home, 'AppData', 'Local');
    return win32.join(local, 'phiz', 'Cache');
  }
  // The XDG base directory specification says to ignore relative ones.
  const xdg = environment.XDG_CACHE_HOME;
  if (xdg && posix.isAbsolute(xdg)) return posix.join(xdg, 'phiz');
  return posix.join(home, platform === 'darwin' ? 'Library/Caches' : '.cache', 'phiz');
}
