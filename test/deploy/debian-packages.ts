import { execFileSync } from 'node:child_process';
import process from 'node:process';
import packageJson from '../../package.json' with { type: 'json' };

/** This machine's architecture by Debian's name, and the other one, with the program that runs its programs here. */
export const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
export const foreign =
  architecture === 'amd64'
    ? ({ name: 'arm64', emulator: 'qemu-aarch64-static' } as const)
    : ({ name: 'amd64', emulator: 'qemu-x86_64-static' } as const);

/** The path of the package for an architecture. */
export const packageFor = (name: string) => `dist/deb/phiz_${packageJson.version}-1_${name}.deb`;

/** Builds the packages for these architectures. Only one may do that at a time. */
export function buildPackages(...names: readonly string[]): void {
  execFileSync('npm', ['run', '--silent', 'build:deb', '--', ...names], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
