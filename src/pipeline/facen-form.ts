import { facenVersion } from '../face/embedding.ts';
import type { FacenTransform } from '../face/facen-scale.ts';
import type { Thresholds } from '../face/verdict.ts';
import type { Catalogue } from './catalogue.ts';
import { chooseNetworks } from './choose-networks.ts';
import type { EmbeddingManifest } from './manifest.ts';
import type { FacenScale, InstanceSettings } from './settings.ts';

/** Origin and scale of feature vectors: only vectors of the same form can be compared. */
export interface FacenForm {
  /** Ids of the networks whose vectors follow one another. */
  readonly networks: readonly string[];
  /** See {@link facenVersion}. */
  readonly version: number;
  readonly numbers: number;
  /** `native` also where the other was wanted, but there is none for these networks. */
  readonly scale: FacenScale;
  /** Absent where they were never measured. */
  readonly thresholds?: Thresholds;
}

/** The form of the vectors that some networks give together, and the transform to their scale. */
export function facenFormOf(
  manifests: readonly EmbeddingManifest[],
  wanted: FacenScale,
): { readonly form: FacenForm; readonly transform?: FacenTransform } {
  const [first, ...others] = manifests as [EmbeddingManifest, ...EmbeddingManifest[]];
  const following = others.map(({ id }) => id);
  const calibration = first.calibrations.find(({ followedBy }) => String(followedBy) === String(following));
  const transform = wanted === 'findface' ? calibration?.transform : undefined;
  const scale = transform ? 'findface' : 'native';
  const thresholds = calibration?.thresholds[scale];
  const numbers = manifests.reduce((sum, { dimensions }) => sum + dimensions, 0);
  return {
    form: {
      networks: manifests.map(({ id }) => id),
      version: facenVersion,
      numbers: numbers + (transform && 'constant' in transform ? 1 : 0),
      scale,
      ...(thresholds && { thresholds }),
    },
    ...(transform && { transform }),
  };
}

/** The form of an engine's vectors; undefined where it gives none. */
export function facenForm(
  catalogue: Catalogue,
  settings: Pick<InstanceSettings, 'models' | 'manifests' | 'facenScale'>,
): FacenForm | undefined {
  const packs = chooseNetworks(catalogue, settings).get('embedding');
  const manifests = packs?.map(({ manifest }) => manifest as EmbeddingManifest);
  return manifests && facenFormOf(manifests, settings.facenScale).form;
}

/** A form in a line. */
export function describeForm({ networks, version, numbers, scale }: FacenForm): string {
  return `${networks.join('+')}, version ${version}, ${numbers} numbers, ${scale} scale`;
}
