import type { InferenceBackend } from './network.ts';

/** A backend that is started with the first network that is loaded on it: its binary is large. */
export function onDemand(description: string, start: () => Promise<InferenceBackend>): InferenceBackend {
  let started: Promise<InferenceBackend> | undefined;
  return {
    description,
    async load(model) {
      started ??= start();
      return (await started).load(model);
    },
  };
}
