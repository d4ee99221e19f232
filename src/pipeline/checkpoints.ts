import type { InferenceBackend, Network, Stem } from '../nn/network.ts';
import type { Backends } from './models.ts';
import type { Checkpoint, Instance } from './work.ts';

/**
 * An instance whose networks pass a checkpoint before every forward pass: that is where the time
 * goes, and no detector or attribute has to think of it.
 *
 * @param create makes the instance on backends that do so
 */
export function withCheckpoints(backends: Backends, create: (backends: Backends) => Instance): Instance {
  /** That of the job at work; jobs do not overlap. */
  let checkpoint: Checkpoint = () => {};
  const checked = async (starting: Promise<InferenceBackend>): Promise<InferenceBackend> => {
    const backend = await starting;
    return {
      load: async (model) => beforeEachPass(await backend.load(model), () => checkpoint()),
    };
  };
  const instance = create({
    onnx: () => checked(backends.onnx()),
    tfjs: () => checked(backends.tfjs()),
  });
  return {
    ...instance,
    open(picture, requests, ofJob) {
      checkpoint = ofJob;
      // Later jobs look at what this one opens.
      return instance.open(picture, requests, () => checkpoint());
    },
    locate(picture, requests, ofJob) {
      checkpoint = ofJob;
      return instance.locate(picture, requests, ofJob);
    },
    describe(faces, attributes, ofJob, chips) {
      checkpoint = ofJob;
      return instance.describe(faces, attributes, ofJob, chips);
    },
    help(pass, ofJob) {
      checkpoint = ofJob;
      return instance.help(pass, ofJob);
    },
  };
}

function beforeEachPass(network: Network, checkpoint: Checkpoint): Network {
  return {
    ...network,
    async run(inputs) {
      checkpoint();
      return network.run(inputs);
    },
    ...(network.only && { only: (part) => beforeEachPass(network.only!(part), checkpoint) }),
    ...(network.stem && { stem: () => beforeEachStep(network.stem!(), checkpoint) }),
  };
}

const beforeEachStep = (stem: Stem | undefined, checkpoint: Checkpoint): Stem | undefined =>
  stem && {
    ...stem,
    async make(...band) {
      checkpoint();
      return stem.make(...band);
    },
    async finish(...map) {
      checkpoint();
      return stem.finish(...map);
    },
  };
