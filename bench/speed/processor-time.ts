import process from 'node:process';

/**
 * Milliseconds that this process has had of a core, its threads included. On one core that nothing
 * else uses it passes as the clock does; where other programs have their turns, it stands still.
 */
export function ownProcessorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
