import { Argument, Command, CommanderError, Option } from 'commander';
import type { ConnectNats } from '../bulk/connect.ts';
import { configTemplate } from '../config/describe-config.ts';
import { ConfigError } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { createEngineOn, type EngineOptions, facensOf, networkChoice } from '../create-engine.ts';
import type { Engine } from '../engine.ts';
import { messageOf } from '../errors.ts';
import { verdicts } from '../face/verdict.ts';
import { decodePicture } from '../image/decode.ts';
import { intersect, wholeOf } from '../image/geometry.ts';
import type { Catalogue } from '../pipeline/catalogue.ts';
import { createPlanner } from '../pipeline/planner.ts';
import { defaultSettings } from '../pipeline/settings.ts';
import { answerRules } from '../server/answer.ts';
import { addBulkCommands } from './bulk/commands.ts';
import { compareFiles } from './compare.ts';
import { completionScript, type Shell, shells } from './completions.ts';
import { type CommonFlags, readConfig, withCommonFlags } from './config-flags.ts';
import { decodeSettings, engineOptions } from './engine-options.ts';
import { explain } from './explain.ts';
import { extractFiles } from './extract.ts';
import type { Host } from './host.ts';
import { writeLicences } from './licences.ts';
import { calibrateFacens } from './models/calibrate-facens.ts';
import { addModelsCommand } from './models/command.ts';
import { formatOf, formats, type OutputFormat } from './output/output.ts';
import {
  bulkyNeeds,
  parseCount,
  type RequestFlags,
  requestOf,
  usualNeeds,
  withRequestFlags,
} from './request-flags.ts';
import { serve } from './serve.ts';
import { vendorArguments } from './vendor-arguments.ts';
import { describeVersion, version } from './version.ts';

/** The exit code of a command that cannot be done as it was given: systemd does not try it again. */
const usageCode = 2;

/** The exit code that a shell gives to a program that SIGINT ended. */
const stoppedCode = 130;

const extractHelp = `
A run with --out that was ended, by Ctrl-C or by a fall, is gone on with by the same command: a picture
is known by its path, its size and its time of change. Pictures that could not be read or fetched are
tried again. CSV and Parquet have a row for each face; they are made at the end, of FILE.ndjson beside
them. Exits with 1 where a picture failed or a folder has none.
`;

const programHelp = `
Without a command, flags of the vendor's program are taken: phiz -config FILE -listen :18666 is
phiz serve --config FILE --listen :18666. Every key of the configuration is such a flag (-fetch-timeout 5s),
and a variable of the environment (CFG_FETCH_TIMEOUT=5s).
`;

const calibrateHelp = `
The largest face of each picture counts. What was measured is written for people to stderr; to stdout
goes what the manifest of a network takes as one of its "calibrations", with which its vectors are
moved to FindFace's scale (facen_scale: findface): 0.75 then is what 1 in 1000 strangers exceeds.
For a network of your own: --set models.facen=FOLDER. See docs/models.md.
`;

const compareHelp = `
Of each face: its box, the cosine of both feature vectors, and what that says:
${verdicts.map(({ verdict, because }) => `  ${verdict.padEnd(16)}  ${because}`).join('\n')}
`;

interface ExtractFlags extends CommonFlags, RequestFlags {
  readonly annotate?: string;
  readonly explain?: true;
  readonly list?: string;
  readonly out?: string;
  readonly format?: OutputFormat;
  readonly again?: true;
  readonly jobs?: number;
}

/** The command line: every command, with what it does on this host. */
export function createProgram(host: Host, connectNats: ConnectNats): Command {
  const program = new Command('phiz')
    .description(
      'Faces out of pictures: boxes, embeddings, age, gender, emotions. No native code, no licence server.',
    )
    .option('-V, --version', 'write the version')
    .option('--verbose', 'with --version: also what runs each network')
    .addHelpText('after', programHelp)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });

  withCommonFlags(program.command('serve'))
    .description('answer the Extraction API over HTTP')
    .option('--listen <host:port>', 'address to listen on (default: 127.0.0.1:18666)')
    .option('--check', 'only read the configuration, and say whether the service would start with it')
    .action(async (flags: CommonFlags & { listen?: string; check?: true }) => {
      const loaded = await readConfig(
        host,
        flags,
        flags.listen === undefined ? {} : { listen: flags.listen },
      );
      if (!flags.check) return serve(host, loaded);
      await engineOptions(host, loaded);
      host.stdout.write('The configuration is valid.\n');
    });

  withRequestFlags(
    withCommonFlags(program.command('extract')),
    usualNeeds,
    '; on a terminal facen and normalized only where they are named',
  )
    .description('write a line of JSON for each picture')
    .argument('[path...]', 'pictures, folders to look through, or URLs')
    .option('--list <file>', 'more of them from a file, one a line; - is standard input')
    .option('--out <file>', 'write there, and leave out what is there from an earlier run')
    .addOption(
      new Option(
        '--format <name>',
        "of what is written (default: by the file's ending, else ndjson)",
      ).choices(formats),
    )
    .option('--again', 'do pictures again that are in the file')
    .option('--jobs <number>', 'pictures to work on side by side (default: one for each core)', parseCount)
    .option('--explain', 'say on standard error how each picture is looked at')
    .option('--annotate <folder>', 'write the pictures there with what was found drawn on them')
    .addHelpText('after', extractHelp)
    .action(async (paths: string[], flags: ExtractFlags, command: Command) => {
      if (paths.length === 0 && flags.list === undefined) command.error('error: expected a path, or --list');
      const asked = command.getOptionValueSource('need') !== 'default';
      const toTerminal = flags.out === undefined && host.stdout.columns !== undefined;
      const need =
        toTerminal && !asked ? flags.need.filter((name) => !bulkyNeeds.includes(name)) : flags.need;
      await withEngine(host, flags, async (engine, width, config, options) => {
        const { failures, stopped } = await extractFiles(host, engine, {
          sources: { paths, list: flags.list },
          request: requestOf({ ...flags, need }),
          rules: answerRules(config),
          fetch: config.fetch,
          out: flags.out,
          format: formatOf(flags.out, flags.format),
          again: flags.again ?? false,
          ...(flags.annotate !== undefined && {
            annotations: { folder: flags.annotate, decode: decoderFor(host, config) },
          }),
          ...(flags.explain && { explain: explainerFor(host.platform.catalogue, flags, options) }),
          width,
        });
        return stopped ? stoppedCode : failures > 0 ? 1 : 0;
      });
    });

  withCommonFlags(program.command('compare'))
    .description('look for the largest face of one picture in others; writes a line of JSON for each')
    .addHelpText('after', compareHelp)
    .argument('<reference>', 'the picture with the face to look for')
    .argument('<path...>', 'pictures, or folders to look through')
    .action(async (reference: string, paths: string[], flags: CommonFlags) => {
      await withEngine(host, flags, async (engine, width, _, options) => {
        const thresholds = facensOf(host.platform.catalogue, options)?.thresholds;
        const failures = await compareFiles(host, engine, { reference, paths, width, thresholds });
        return failures > 0 ? 1 : 0;
      });
    });

  addBulkCommands(program, host, connectNats);
  const models = addModelsCommand(program, host);
  withCommonFlags(models.command('calibrate'))
    .description('measure on people you know which cosines of feature vectors mean what')
    .argument('<folder>', 'pictures of each person in a folder of their own: at least 20 people')
    .addHelpText('after', calibrateHelp)
    .action(async (folder: string, flags: CommonFlags) => {
      const native = { ...flags, set: { ...flags.set, facen_scale: 'native' } };
      await withEngine(host, native, async (engine, width, _, options) => {
        const facens = facensOf(host.platform.catalogue, options);
        if (!facens) throw new Error('models.facen is switched off');
        await calibrateFacens(host, engine, { folder, width, facens });
        return 0;
      });
    });
  program
    .command('licenses')
    .description('write the licences of everything that ships with phiz')
    .action(() => writeLicences(host));

  program
    .command('config-template')
    .description('write a configuration file with every key, its default and what it is for')
    .action(() => host.stdout.write(configTemplate()));

  program
    .command('completions')
    .description('write a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell) => host.stdout.write(completionScript(program, shell)));
  return program;
}

/** Runs the command that the arguments name. */
export async function runProgram(host: Host, connectNats: ConnectNats): Promise<void> {
  const program = createProgram(host, connectNats);
  try {
    const args = vendorArguments(host.args, new Set(program.commands.map((command) => command.name())));
    // Before the rest is looked at: commander ends with the option that asks for a version.
    program.parseOptions(args);
    const asked = program.opts<{ version?: true; verbose?: true }>();
    if (asked.version) return await writeVersion(host, asked.verbose ?? false);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    // Help that was asked for ends here, too.
    if (error instanceof CommanderError) return host.exit(error.exitCode === 0 ? 0 : usageCode);
    host.stderr.write(`phiz: ${messageOf(error)}\n`);
    host.exit(error instanceof ConfigError ? usageCode : 1);
  }
}

async function writeVersion(host: Host, verbose: boolean): Promise<void> {
  if (!verbose) return host.stdout.write(`${version}\n`);
  const options = await engineOptions(host, await readConfig(host, {}, {}));
  host.stdout.write(`${await describeVersion(host, options)}\n`);
}

/**
 * Has pictures worked on by an engine.
 *
 * @param work is told how many pictures keep the engine busy; answers the code to exit with
 */
async function withEngine(
  host: Host,
  flags: CommonFlags & { readonly jobs?: number },
  work: (engine: Engine, width: number, config: Config, options: EngineOptions) => Promise<number>,
): Promise<void> {
  const loaded = await readConfig(
    host,
    flags,
    flags.jobs === undefined ? {} : { model_instances: String(flags.jobs) },
  );
  const { config } = loaded;
  const options = await engineOptions(host, loaded);
  const engine = await createEngineOn(host.platform, options);
  try {
    host.exit(await work(engine, 2 * (config.model_instances || host.platform.cores), config, options));
  } finally {
    await engine.close();
  }
}

function decoderFor({ platform }: Host, config: Config) {
  return (bytes: Uint8Array) => decodePicture(bytes, decodeSettings(config), platform);
}

/** A function that explains, for `--explain`, how a picture of a size is looked at. */
function explainerFor(catalogue: Catalogue, { detector, roi }: ExtractFlags, options: EngineOptions) {
  const settings = { ...networkChoice(options), faces: options.faces ?? defaultSettings.faces };
  const plan = createPlanner(catalogue, settings);
  return (width: number, height: number): string => {
    if (detector === 'prenormalized') return '  not: the picture is the face';
    const whole = wholeOf({ width, height });
    const choice = detector === 'legacy' ? 'light' : 'primary';
    return explain(plan(choice, roi ? intersect(whole, roi) : whole));
  };
}
