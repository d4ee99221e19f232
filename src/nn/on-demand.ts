import type { InferenceBackend } from './network.ts';

/** A backend that is started with the first network that is loaded on it: its binary is large. */
export function onDemand(start: () => Promise<InferenceBackend>): InferenceBackend {
  let started: Promise<InferenceBackend> | undefined;
  return {
    async load(model) {
      started ??= start();
      return (await started).load(model);
    },
  };
}
