import { architecture, buildPackages, foreign } from './debian-packages.ts';
import { whyNoDebian } from './debian-root.ts';

/** The Debian packages, of which tests run beside each other. */
export default function setup(): void {
  if (!whyNoDebian('dpkg-deb')) buildPackages(architecture, foreign.name);
}
