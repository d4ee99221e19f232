import process from 'node:process';
import { serveContestant } from '../serve-contestant.ts';
import { startService } from '../service.ts';

/** phiz as a service: multipart upload to JSON answer, over a socket. */
await serveContestant(async ({ instances, checkout }) => {
  const service = await startService(checkout, instances);
  return {
    description: `phiz serve on Node ${process.versions.node}`,
    async answer(jpeg) {
      const { faces } = await service.post(jpeg);
      return faces.map(({ bbox }) => bbox);
    },
    peakMemory: () => service.peakMemory(),
    processorTime: () => service.processorTime(),
    close: () => service.stop(),
  };
});
