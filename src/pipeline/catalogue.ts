import type { Manifest } from './manifest.ts';
import type { Pack } from './pack.ts';

/** The place of a network in an instance. */
export type Role =
  | 'detector'
  | 'scout'
  | 'scan'
  | 'lightDetector'
  | 'mesh'
  | 'landmarks'
  | 'embedding'
  | 'age'
  | 'gender'
  | 'emotions';

/** The networks that go by an id. A runtime hands it in, so that `src/` knows of no particular network. */
export interface Catalogue {
  /** Those that ship with phiz: nothing has to be downloaded to run them. */
  readonly shipped: readonly Pack[];
  /** Those that can be pulled: `phiz models`. */
  readonly pullable: readonly Manifest[];
  /** Ids of the shipped ones that have a role unless others are configured. */
  readonly defaults: Readonly<Record<Role, readonly string[]>>;
}

/** True where phiz ships a network of this id. */
export function ships({ shipped }: Catalogue, id: string): boolean {
  return shipped.some(({ manifest }) => manifest.id === id);
}

/** True where a network has a role unless others are configured. */
export function isDefault({ defaults }: Catalogue, id: string): boolean {
  return Object.values(defaults).flat().includes(id);
}
