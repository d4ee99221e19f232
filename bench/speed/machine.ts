import { execFile } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import process from 'node:process';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };

/** The circumstances, besides the code, that figures of speed depend on. */
export interface Machine {
  readonly date: string;
  /** Version of phiz and the commit, where there is one. */
  readonly phiz: string;
  readonly processor: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
}

export async function describeMachine(checkout: string): Promise<Machine> {
  const commit = await git(checkout, 'describe', '--always', '--dirty', '--exclude', '*').catch(() => '');
  return {
    date: new Date().toISOString().slice(0, 10),
    phiz: `${packageJson.version}${commit && ` (${commit})`}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${process.platform} ${process.arch}`,
    node: `${process.versions.node} (V8 ${process.versions.v8})`,
  };
}

/** @throws Error where git is missing or refuses. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', folder, ...args]);
  return stdout.trim();
}
