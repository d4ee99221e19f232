import { expect, it } from 'vitest';
import { startProcess } from '../contract/start-process.ts';
import { gauge } from './gauge.ts';

/** A service whose log nobody takes; alike on every runtime. Linux has a disk that is always full. */
export function logSuite(commandLine: readonly string[]): void {
  it('a log on a full disk costs its lines, not the service', async () => {
    const server = await startProcess(
      'sh',
      '-c',
      'exec "$@" 2>/dev/full',
      'sh',
      ...commandLine,
    )('model_instances: 1\n');
    // Each writes a line.
    for (let i = 0; i < 20; i++) expect((await fetch(server.url, { method: 'POST' })).status).toBe(415);
    expect((await fetch(new URL('health', server.url))).status).toBe(200);
    expect(await gauge(server.url, 'phiz_log_lines_lost_total', () => true)).toBeGreaterThan(0);
    expect(await server.stop()).toBe(0);
  });
}
