import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { stageDemo } from '../../build/demo/stage.ts';

/** The built product, and the page as static files. */
export default async function setup(): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build']);
  await stageDemo('dist/assets', 'dist/demo');
}
