import type { Detector } from '../detect/detector.ts';
import { createSsdDetector } from '../detect/ssd-detector.ts';
import { PhizError } from '../errors.ts';
import type { InferenceBackend, Network } from '../nn/network.ts';
import type { DetectorChoice } from './extraction.ts';

/** What a network is for. */
export type Task = 'detection' | 'light-detection' | 'landmarks' | 'embedding' | 'age-gender' | 'emotions';

/** What a model file is written for: `onnx` takes NCHW tensors, `tfjs` NHWC. */
export type ModelFormat = 'onnx' | 'tfjs';

/** A model file, read when it is first needed. */
export interface ModelSource {
  readonly format: ModelFormat;
  read(): Promise<Uint8Array>;
}

/** The model of each task that is switched on. */
export type ModelSources = ReadonlyMap<Task, ModelSource>;

/** Starts what runs a format; called once at most. */
export type Backends = Readonly<Record<ModelFormat, () => Promise<InferenceBackend>>>;

/** The networks of one instance, each loaded when it is first needed. */
export interface Models {
  /** @throws PhizError `MODEL_UNAVAILABLE` where the task is switched off. */
  network(task: Task): Promise<Network>;
  detector(choice: Exclude<DetectorChoice, 'none'>): Promise<Detector>;
  /** Loads all that are switched on. */
  load(): Promise<void>;
  close(): Promise<void>;
}

/** @param minConfidence least confidence of a face that is reported, 0 to 1 */
export function createModels(backends: Backends, sources: ModelSources, minConfidence: number): Models {
  const started = new Map<ModelFormat, Promise<InferenceBackend>>();
  const loaded = new Map<Task, Promise<Network>>();

  function backend(format: ModelFormat): Promise<InferenceBackend> {
    const running = started.get(format) ?? backends[format]();
    started.set(format, running);
    return running;
  }

  function network(task: Task): Promise<Network> {
    const known = loaded.get(task);
    if (known) return known;
    const source = sources.get(task);
    if (!source) {
      return Promise.reject(new PhizError('MODEL_UNAVAILABLE', `The model for ${task} is switched off`));
    }
    const loading = Promise.all([backend(source.format), source.read()]).then(([port, model]) =>
      port.load(model),
    );
    loaded.set(task, loading);
    return loading;
  }

  return {
    network,
    async detector() {
      return createSsdDetector(await network('detection'), minConfidence);
    },
    async load() {
      await Promise.all([...sources.keys()].map(network));
    },
    async close() {
      const networks = await Promise.all(loaded.values());
      loaded.clear();
      await Promise.all(networks.map((each) => each.close()));
    },
  };
}
