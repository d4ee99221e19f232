import type { Host } from './host.ts';

/** The licences of everything that ships, as the build writes them. */
export const licencesAsset = 'licences.txt';

/** Those of the runtime, where it ships too: in the single file. */
const runtimeLicencesAsset = 'licences-runtime.txt';

/** `phiz licenses`. */
export async function writeLicences({ platform, stdout }: Host): Promise<void> {
  for (const [name, required] of [
    [licencesAsset, true],
    [runtimeLicencesAsset, false],
  ] as const) {
    const bytes = await platform.readAsset(name).catch((error: unknown) => {
      if (required) throw error;
    });
    if (bytes) stdout.write(new TextDecoder().decode(bytes));
  }
}
