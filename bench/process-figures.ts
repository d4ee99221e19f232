import { readFile } from 'node:fs/promises';

/** Figures of a process, as Linux counts them. NaN where the system does not tell. */

/** Linux counts processor time in hundredths of a second for programs. */
const millisecondsPerTick = 10;

/** Milliseconds that the cores have worked for a process, which hardly depends on what else the machine does. */
export const processorTime = (pid: number) => timeOf(`/proc/${pid}/stat`);

/** The same of its main thread alone, which the scheduler counts by the nanosecond. */
export async function mainThreadTime(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').catch(() => '');
  return Number(text.split(' ')[0] || Number.NaN) / 1e6;
}

/** Bytes of memory that a process held at most. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

async function timeOf(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '');
  // Behind the name in parentheses, which may have spaces: user and system time are the 12th and 13th field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * millisecondsPerTick;
}
