import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { catalogue } from '../models/catalogue.ts';
import { createEngineOn, type EngineOptions } from '../src/create-engine.ts';
import type { Platform } from '../src/platform.ts';
import { photographs } from './cli/phiz.ts';

/** What is wrong is told before anything is read, or a thread started. */
const platform: Platform = {
  name: 'a test',
  cores: 1,
  catalogue,
  readAsset: () => Promise.reject(new Error('nothing is read')),
  startThread: () => {
    throw new Error('no thread is started');
  },
};

it.each([
  [null, 'options: expected an object, got null'],
  [{ instances: -1 }, 'instances: expected a whole number of at least 0, got -1'],
  [{ instances: '2' }, 'got "2"'],
  [{ instances: 1.5 }, 'got 1.5'],
  [{ instances: Number.NaN }, 'got NaN'],
  [{ instance: 1 }, 'got "instance"'],
  [{ models: 'sface' }, 'models: expected an object'],
  [{ faces: { least: 60 } }, 'faces: expected numbers least and most'],
  [{ faces: { least: 60, most: 30 } }, 'faces: expected numbers least and most'],
  [{ facenScale: 'own' }, 'facenScale: expected findface, native'],
  [{ queueBytes: 0 }, 'queueBytes: expected a whole number of at least 1'],
  [{ log: 'console' }, 'log: expected a function, got "console"'],
  [{ minConfidence: () => 1 }, 'got function'],
])('an engine with %j is refused at once', async (options, message) => {
  const made = createEngineOn(platform, options as unknown as EngineOptions);
  await expect(made).rejects.toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) }),
  );
});

it('an engine works in a program that was given on the command line', async () => {
  const program = `
    import { readFile } from 'node:fs/promises';
    import { createEngine } from './dist/node/index.js';
    const engine = await createEngine({ instances: 1 });
    const { faces } = await engine.extract(await readFile('${photographs}/sample1.jpg'));
    console.log(faces.length);
    await engine.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(Number(stdout)).toBe(3);
});
