import { usualConfidence } from '../detect/confirm.ts';
import { createDetector, type DetectorSettings } from '../detect/create-detector.ts';
import type { Detector } from '../detect/detector.ts';
import type { DetectorNetwork } from '../detect/look.ts';
import { PhizError } from '../errors.ts';
import { type AgeAndGender, estimateAgeAndGender } from '../face/age-gender.ts';
import { embed } from '../face/embedding.ts';
import { recogniseEmotions } from '../face/emotions.ts';
import type { Emotion } from '../face/face.ts';
import { transformFacen } from '../face/facen-scale.ts';
import { createVerifiedDetector, leastShare } from '../face/verified-detector.ts';
import type { Raster } from '../image/raster.ts';
import { helpWith, type ImageNetwork } from '../nn/batch.ts';
import type { InferenceBackend, Network } from '../nn/network.ts';
import { type Helpers, type Pass, type Share, withHelpers } from '../nn/shared-pass.ts';
import type { Role } from './catalogue.ts';
import { lineupOf } from './choose-networks.ts';
import type { DetectorChoice } from './extraction.ts';
import { facenFormOf } from './facen-form.ts';
import { fitted } from './fit.ts';
import type {
  AgeGenderManifest,
  DetectorManifest,
  EmbeddingManifest,
  EmotionManifest,
  Manifest,
  ModelFormat,
  PointsManifest,
} from './manifest.ts';
import type { InstanceSettings } from './settings.ts';

/** A network, read when it is first needed. */
export interface ModelSource {
  readonly manifest: Manifest;
  /** The bytes of the model, as the backend of its format wants them. */
  read(): Promise<Uint8Array>;
}

/** The networks of each role that is switched on; one that has two roles is one source. */
export type ModelSources = ReadonlyMap<Role, readonly ModelSource[]>;

/** Starts what runs a format; called once at most. */
export type Backends = Readonly<Record<ModelFormat, () => Promise<InferenceBackend>>>;

/** Says something of the faces in chips, in their order. */
export type ChipReader<Result> = (chips: readonly Raster[]) => Promise<Result[]>;

/** The networks of one instance, each loaded when it is first needed. */
export interface Models {
  detector(choice: Exclude<DetectorChoice, 'none'>): Promise<Detector>;
  /** The network that aligns faces. */
  mesh(): Promise<ImageNetwork>;
  /** The network behind 68 landmarks. */
  landmarker(): Promise<ImageNetwork>;
  embedder(): Promise<ChipReader<Float32Array>>;
  /** The same for both where one network does both. */
  ageAndGender(role: 'age' | 'gender'): Promise<ChipReader<AgeAndGender>>;
  emotions(): Promise<ChipReader<Emotion[]>>;
  /** A share of another instance's pass. */
  help(pass: Pass): Promise<Share[]>;
  /** Loads all networks that are switched on. @returns the backend of each, by the network's id */
  load(): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Every method rejects with a PhizError `MODEL_UNAVAILABLE` where its role is switched off. */
export function createModels(
  backends: Backends,
  sources: ModelSources,
  settings: DetectorSettings & Pick<InstanceSettings, 'facenScale'>,
  helpers?: Helpers,
): Models {
  const networks: Promise<Network>[] = [];
  const backend = onceEach((format: ModelFormat) => backends[format]());

  const load = onceEach((source: ModelSource): Promise<Network> => {
    const loading = Promise.all([backend(source.manifest.format), source.read()]).then(
      async ([port, model]) => fitted(await port.load(model), source.manifest),
    );
    networks.push(loading);
    return loading;
  });

  function sourcesOf(role: Role): readonly [ModelSource, ...ModelSource[]] {
    const [first, ...others] = sources.get(role) ?? [];
    if (!first) throw switchedOff(role);
    return [first, ...others];
  }

  /** A network with what its manifest says of it; its passes are shared with helpers. */
  async function modelOf<Kind extends Manifest>(source: ModelSource) {
    const loaded = await load(source);
    const manifest = source.manifest as Kind;
    const network = helpers ? withHelpers(manifest.id, loaded, helpers) : loaded;
    // Not named: the only one, see `fitted`.
    const name = manifest.input.name ?? network.inputNames[0]!;
    const input = { ...manifest.input, name } as Kind['input'] & { name: string };
    return { network, manifest, input };
  }

  async function detectorOf(source: ModelSource): Promise<DetectorNetwork> {
    const { network, manifest, input } = await modelOf<DetectorManifest>(source);
    return { family: manifest.decoder, network, input };
  }

  const mesh = onceEach(async () => modelOf<PointsManifest>(sourcesOf('mesh')[0]));

  const readerOf = onceEach(async (source: ModelSource): Promise<ChipReader<AgeAndGender>> => {
    const { network, manifest, input } = await modelOf<AgeGenderManifest>(source);
    const cropped = { ...input, crop: manifest.crop };
    return (chips) => estimateAgeAndGender(network, cropped, manifest.decoder, chips);
  });

  return {
    detector: onceEach(async (choice) => {
      const lineup = lineupOf(sources, choice);
      if (!lineup) throw switchedOff(choice === 'light' ? 'lightDetector' : 'detector');
      const { scout, scan, judge, once = false } = lineup;
      const detector = createDetector(
        {
          scout: await detectorOf(scout),
          scan: scan && (await detectorOf(scan)),
          judge: judge && (await detectorOf(judge)),
          once,
        },
        { ...settings, leastShare },
      );
      if (!judge) return detector;
      return createVerifiedDetector(detector, mesh, settings.minConfidence ?? usualConfidence);
    }),
    mesh,
    landmarker: onceEach(async () => modelOf<PointsManifest>(sourcesOf('landmarks')[0])),
    embedder: onceEach(async () => {
      const pack = sourcesOf('embedding');
      const manifests = pack.map(({ manifest }) => manifest as EmbeddingManifest);
      const networks = await Promise.all(
        pack.map(async (source) => {
          const { network, manifest, input } = await modelOf<EmbeddingManifest>(source);
          const { crop, dimensions, weight, mirrored } = manifest;
          return { network, input: { ...input, crop }, dimensions, weight, mirrored };
        }),
      );
      const { transform } = facenFormOf(manifests, settings.facenScale);
      return async (chips) => {
        const vectors = await embed(networks, chips);
        return transform ? vectors.map((vector) => transformFacen(vector, transform)) : vectors;
      };
    }),
    ageAndGender: async (role) => readerOf(sourcesOf(role)[0]),
    emotions: onceEach(async () => {
      const networks = await Promise.all(
        sourcesOf('emotions').map(async (source) => {
          const { network, manifest, input } = await modelOf<EmotionManifest>(source);
          return { network, input: { ...input, crop: manifest.crop }, labels: manifest.labels };
        }),
      );
      return (chips) => recogniseEmotions(networks, chips);
    }),
    async help({ network: id, part, shared }) {
      const source = [...sources.values()].flat().find(({ manifest }) => manifest.id === id);
      if (!source) throw new RangeError(`there is no network ${id}`);
      const { network, input } = await modelOf(source);
      return helpWith((part && network.only?.(part)) ?? network, input, shared);
    },
    async load() {
      const loaded = [...sources.values()]
        .flat()
        .map(async (source) => [source.manifest.id, (await load(source)).runsOn]);
      return Object.fromEntries(await Promise.all(loaded));
    },
    async close() {
      const loaded = await Promise.all(networks.splice(0));
      await Promise.all(loaded.map((each) => each.close()));
    },
  };
}

/** A function that makes something once for each key: what a picture needs the ones after it need too. */
function onceEach<Made, Key = void>(make: (key: Key) => Promise<Made>): (key: Key) => Promise<Made> {
  const made = new Map<Key, Promise<Made>>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

const switchedOff = (role: Role): PhizError =>
  new PhizError('MODEL_UNAVAILABLE', `The model for ${role} is switched off`);
