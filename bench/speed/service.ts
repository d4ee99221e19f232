import { Agent } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import type { WireFacesV1, WireResponse } from '../../src/server/answer-schema.ts';
import { startProcess } from '../../test/contract/start-process.ts';
import { multipartCall, post } from '../http.ts';
import { mainThreadTime, peakMemory, processorTime } from '../process-figures.ts';
import { everythingOnTheWire } from './everything.ts';

/** The built service in a process of its own, and a client of it. */
export interface MeasuredService {
  /** Posts a picture as a multipart body and asks for everything. */
  post(jpeg: Uint8Array): Promise<WireResponse<WireFacesV1>>;
  /** Bytes of memory that it held at most; NaN where the system does not tell. */
  peakMemory(): Promise<number>;
  /** Milliseconds of a core that it has used; NaN where the system does not tell. */
  processorTime(): Promise<number>;
  /** The same of its main thread alone, in which no network runs. */
  mainThreadTime(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the service of a checkout and waits until its networks are loaded. */
export async function startService(checkout: string, instances: number): Promise<MeasuredService> {
  const start = startProcess(process.execPath, join(checkout, 'dist/node/main.js'));
  const { url, pid, stop } = await start(`model_instances: ${instances}\n`);
  const agent = new Agent({ keepAlive: true });
  return {
    async post(jpeg) {
      const { body } = await post(
        url,
        agent,
        multipartCall(jpeg, everythingOnTheWire, { include_timings: true }),
      );
      const answer = JSON.parse(body.toString()) as { responses?: WireResponse<WireFacesV1>[] };
      const response = answer.responses?.[0];
      if (!response || response.error) throw new Error(`the service answered ${JSON.stringify(answer)}`);
      return response;
    },
    peakMemory: () => peakMemory(pid),
    processorTime: () => processorTime(pid),
    mainThreadTime: () => mainThreadTime(pid),
    async stop() {
      agent.destroy();
      await stop();
    },
  };
}
