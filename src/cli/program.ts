import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError, type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { createEngine, type EngineOptions, networkChoice } from '../create-engine.ts';
import { explain } from '../detect/explain.ts';
import type { Engine } from '../engine.ts';
import { decodePicture } from '../image/decode.ts';
import { intersect } from '../image/geometry.ts';
import { planFor } from '../pipeline/plan-for.ts';
import { defaultSettings } from '../pipeline/settings.ts';
import { answerRules } from '../server/answer.ts';
import type { FaceRequest } from '../server/request-schema.ts';
import { detectors } from '../server/vocabulary.ts';
import { compareFiles } from './compare.ts';
import { decodeSettings, engineOptions } from './engine-options.ts';
import { extractFiles } from './extract.ts';
import type { Host } from './host.ts';
import { addModelsCommand } from './models/command.ts';
import { serve } from './serve.ts';
import { parseSetting } from './settings-flag.ts';
import { describeVersion, version } from './version.ts';

/** Where the vendor's package keeps its configuration; read when it is there. */
const usualConfig = '/etc/findface-extraction-api.ini';

/** What `--need` takes, and the keys of the contract. */
const needs = {
  facen: 'need_facen',
  gender: 'need_gender',
  age: 'need_age',
  emotions: 'need_emotions',
  normalized: 'need_normalized',
  landmarks: 'need_landmarks',
  headpose: 'need_headpose',
  quality: 'need_quality',
} as const;
type Need = keyof typeof needs;

interface CommonFlags {
  readonly config?: string;
  readonly set?: Record<string, string>;
}

interface ExtractFlags extends CommonFlags {
  readonly detector: FaceRequest['detector'];
  readonly need: readonly Need[];
  readonly roi?: NonNullable<FaceRequest['roi']>;
  readonly autoRotate?: true;
  readonly annotate?: string;
  readonly explain?: true;
}

/** Runs the command that the arguments name. */
export async function runProgram(host: Host): Promise<void> {
  const program = new Command('phiz')
    .description(
      'Faces out of pictures: boxes, embeddings, age, gender, emotions. No native code, no licence server.',
    )
    .option('-V, --version', 'write the version; with --verbose what runs each network, too')
    .option('--verbose')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });

  withCommonFlags(program.command('serve'))
    .description('answer the Extraction API over HTTP')
    .option('--listen <host:port>', 'address to listen on (default: 127.0.0.1:18666)')
    .action(async (flags: CommonFlags & { listen?: string }) => {
      const loaded = await readConfig(
        host,
        flags,
        flags.listen === undefined ? {} : { listen: flags.listen },
      );
      await serve(host, loaded);
    });

  withCommonFlags(program.command('extract'))
    .description('write a line of JSON for each picture')
    .argument('<path...>', 'pictures, or folders to look through')
    .addOption(new Option('--detector <name>', 'where faces come from').choices(detectors).default('nnd'))
    .option('--need <list>', `what to compute, of ${Object.keys(needs).join(',')}`, parseNeeds, [
      'facen',
      'gender',
      'age',
      'emotions',
      'normalized',
    ] satisfies Need[])
    .option('--roi <left,top,right,bottom>', 'look only here, in pixels', parseRoi)
    .option('--auto-rotate', 'look at four orientations (needs quality_estimator: true)')
    .option('--explain', 'say on standard error how each picture is looked at')
    .option('--annotate <folder>', 'write the pictures there with what was found drawn on them')
    .action(async (paths: string[], flags: ExtractFlags) => {
      await withEngine(host, flags, (engine, width, config, options) =>
        extractFiles(host, engine, {
          paths,
          request: requestOf(flags),
          rules: answerRules(config),
          ...(flags.annotate !== undefined && {
            annotations: { folder: flags.annotate, decode: decoderFor(host, config) },
          }),
          ...(flags.explain && { explain: explainerFor(flags, options) }),
          width,
        }),
      );
    });

  withCommonFlags(program.command('compare'))
    .description('look for the largest face of one picture in others; writes a line of JSON for each')
    .argument('<reference>', 'the picture with the face to look for')
    .argument('<path...>', 'pictures, or folders to look through')
    .action(async (reference: string, paths: string[], flags: CommonFlags) => {
      await withEngine(host, flags, (engine, width) =>
        compareFiles(host, engine, { reference, paths, width }),
      );
    });

  addModelsCommand(program, host);

  try {
    // Before the rest is looked at: commander ends with the option that asks for a version.
    program.parseOptions(host.args as string[]);
    const asked = program.opts<{ version?: true; verbose?: true }>();
    if (asked.version) return await writeVersion(host, asked.verbose ?? false);
    await program.parseAsync(host.args as string[], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return host.exit(error.exitCode);
    host.stderr.write(`phiz: ${error instanceof Error ? error.message : String(error)}\n`);
    host.exit(error instanceof ConfigError ? 2 : 1);
  }
}

async function writeVersion(host: Host, verbose: boolean): Promise<void> {
  if (!verbose) return host.stdout.write(`${version}\n`);
  const options = await engineOptions(host, await readConfig(host, {}, {}));
  host.stdout.write(`${await describeVersion(host, options)}\n`);
}

function withCommonFlags(command: Command): Command {
  return command
    .option('--config <file>', `configuration (default: ${usualConfig} where there is one)`)
    .option(
      '--set <key=value...>',
      'override keys of the configuration, e.g. --set fetch.enabled=false',
      parseSetting,
    );
}

/**
 * Has pictures worked on by an engine, and ends with 1 where some failed.
 *
 * @param work is told how many pictures keep the engine busy; answers how many failed
 */
async function withEngine(
  host: Host,
  flags: CommonFlags,
  work: (engine: Engine, width: number, config: Config, options: EngineOptions) => Promise<number>,
): Promise<void> {
  const loaded = await readConfig(host, flags, {});
  const { config } = loaded;
  const options = await engineOptions(host, loaded);
  const engine = await createEngine(host.platform, options);
  try {
    const failures = await work(engine, 2 * (config.model_instances || host.platform.cores), config, options);
    host.exit(failures > 0 ? 1 : 0);
  } finally {
    await engine.close();
  }
}

/** @throws ConfigError with one line for the terminal. */
async function readConfig(
  host: Host,
  flags: CommonFlags,
  overrides: Record<string, string>,
): Promise<LoadedConfig> {
  const name = flags.config ?? usualConfig;
  const bytes = await host.readFile(name).catch((error: unknown) => {
    if (flags.config === undefined) return undefined;
    throw new ConfigError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const file = bytes && { name, text: new TextDecoder().decode(bytes) };
  const loaded = loadConfig(file, { ...flags.set, ...overrides });
  for (const warning of loaded.warnings) host.stderr.write(`phiz: ${warning}\n`);
  return loaded;
}

function decoderFor({ platform }: Host, config: Config) {
  return (bytes: Uint8Array) => decodePicture(bytes, decodeSettings(config), platform);
}

/** What `--explain` says of a picture of a size. */
function explainerFor({ detector, roi }: ExtractFlags, options: EngineOptions) {
  const settings = { ...networkChoice(options), faces: options.faces ?? defaultSettings.faces };
  return (width: number, height: number): string => {
    if (detector === 'prenormalized') return '  not: the picture is the face';
    const whole = { left: 0, top: 0, right: width, bottom: height };
    const choice = detector === 'legacy' ? 'light' : 'primary';
    const { levels, confirmed } = planFor(settings, choice, roi ? intersect(whole, roi) : whole);
    return explain(levels, confirmed);
  };
}

function requestOf(flags: ExtractFlags): FaceRequest {
  const wanted = new Set(flags.need);
  const asked = Object.fromEntries(
    Object.entries(needs).map(([name, key]) => [key, wanted.has(name as Need)]),
  ) as Record<(typeof needs)[Need], boolean>;
  return {
    image: '',
    detector: flags.detector,
    auto_rotate: flags.autoRotate ?? false,
    ...asked,
    ...(flags.roi && { roi: flags.roi }),
  };
}

function parseNeeds(text: string): Need[] {
  const names = text.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !Object.hasOwn(needs, name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`"${unknown}" is none of ${Object.keys(needs).join(', ')}.`);
  return names as Need[];
}

function parseRoi(text: string): NonNullable<FaceRequest['roi']> {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError('Expected four numbers, such as 0,0,640,480.');
  }
  const [left, top, right, bottom] = numbers as [number, number, number, number];
  return { left, top, right, bottom };
}
