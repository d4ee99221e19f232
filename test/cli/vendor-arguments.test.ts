import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { vendorArguments } from '../../src/cli/vendor-arguments.ts';
import { configTemplate } from '../../src/config/describe-config.ts';
import { phiz } from './phiz.ts';

const commands = new Set(['serve', 'extract']);
const read = (line: string) => vendorArguments(line.split(' '), commands).join(' ');

describe("the vendor's command line", () => {
  it.each([
    ['--config=/etc/a.ini', 'serve --config /etc/a.ini'],
    ['-config /etc/a.ini -listen :18666', 'serve --config /etc/a.ini --set=listen=:18666'],
    [
      '-config=a -allow-cors -fetch-size-limit 5',
      'serve --config a --set=allow_cors=true --set=fetch.size_limit=5',
    ],
    ['-allow-cors=false -debug', 'serve --set=allow_cors=false --set=debug=true'],
    ['-extractors-models-face face/x_320.fnk', 'serve --set=extractors.models.face=face/x_320.fnk'],
    [
      '-nnd-quality-estimator true -model_instances 2',
      'serve --set=nnd.quality_estimator=true --set=model_instances=2',
    ],
    ['-config-template', 'config-template'],
    ['--config-template', 'config-template'],
    ['-help', '--help'],
    ['--config a extract b.jpg --need age', 'extract --config a b.jpg --need age'],
    ['serve --config a', 'serve --config a'],
    ['extract -listen', 'extract -listen'],
    ['--version --verbose', '--version --verbose'],
  ])('%s is %s', (line, ours) => {
    expect(read(line)).toBe(ours);
  });

  it.each([
    ['-confg a', 'there is no flag -confg, did you mean -config?'],
    ['-nothing-like-it', 'there is no flag -nothing-like-it; see phiz --help'],
    ['-config', '-config needs a value'],
    ['-config a photo.jpg', 'expected a command or a flag, got "photo.jpg"'],
  ])('%s is told what is wrong', (line, message) => {
    expect(() => read(line)).toThrow(message);
  });

  it('prints the template', async () => {
    for (const arg of ['-config-template', 'config-template']) {
      expect(await phiz(arg)).toMatchObject({ code: 0, stdout: configTemplate(), stderr: '' });
    }
  });

  it('starts the service, or says what is wrong with it', async () => {
    expect(await phiz('-listen', 'nowhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('phiz: --listen: expected an address'),
    });
    // A code after which systemd does not try again: that would not help.
    for (const [flags, told] of [
      [['-listne', ':0'], 'did you mean -listen?'],
      [['serve', '--lisen', ':0'], 'Did you mean --listen?'],
      [['serve', '--set'], "option '--set <key=value>' argument missing"],
    ] as const)
      expect(await phiz(...flags)).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
    expect(await phiz('serve', '--help')).toMatchObject({ code: 0, stderr: '' });
    const run = promisify(execFile)(process.execPath, ['dist/node/main.js', 'serve'], {
      env: { ...process.env, CFG_LISTEN: 'nowhere' },
    });
    await expect(run).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('phiz: CFG_LISTEN: expected'),
    });
  });
});
