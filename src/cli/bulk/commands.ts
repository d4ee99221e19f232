import { type Command, Option } from 'commander';
import type { ConnectNats } from '../../bulk/connect.ts';
import { type CommonFlags, readConfig, withCommonFlags } from '../config-flags.ts';
import type { Host } from '../host.ts';
import { formatOf, formats, type OutputFormat } from '../output/output.ts';

import { parseCount, type RequestFlags, requestOf, usualNeeds, withRequestFlags } from '../request-flags.ts';
import type { QueueFlags } from './open-queue.ts';
import type { SetupFlags } from './work.ts';

/** Attempts at a request before it goes to the failures, unless a worker is told otherwise. */
const usualAttempts = 5;

interface WorkFlags extends CommonFlags, QueueFlags, SetupFlags {
  readonly setup?: true;
  readonly status?: true;
  readonly json?: true;
  readonly attempts: number;
  readonly name?: string;
}

interface SubmitFlags extends QueueFlags, RequestFlags {
  readonly list?: string;
  readonly batch: string;
  readonly journal: string;
}

interface CollectFlags extends QueueFlags {
  readonly batch?: string;
  readonly out?: string;
  readonly format?: OutputFormat;
  readonly follow?: true;
}

/**
 * `phiz work`, `phiz submit` and `phiz collect`: bulk on many machines, by a queue on a NATS server.
 * The code that speaks to it is loaded only with these.
 */
export function addBulkCommands(program: Command, host: Host, connectNats: ConnectNats): void {
  withCommonFlags(withQueueFlags(program.command('work')))
    .description('answer requests of a queue on a NATS server')
    .option('--name <name>', 'what to call this worker (default: eight random characters)')
    .option(
      '--attempts <number>',
      'how often a request is tried before it is given up',
      parseCount,
      usualAttempts,
    )
    .option('--setup', 'create the queue for workers of this configuration, or change it, and end')
    .option('--bytes <number>', 'with --setup: bytes of requests, and of answers, to keep', parseCount)
    .option('--window <minutes>', 'with --setup: how long the same request is known again', parseCount)
    .option('--keep <hours>', 'with --setup: how long failures and stored pictures are kept', parseCount)
    .option('--replicas <number>', 'with --setup: servers of a cluster that keep a copy', parseCount)
    .option('--status', 'tell what is pending, in progress, done and failed, and how the workers do, and end')
    .option('--json', 'with --status: as JSON')
    .action(async (flags: WorkFlags) => {
      const commands = await import('./work.ts');
      if (flags.status) return commands.writeStatus(host, connectNats, flags, flags.json ?? false);
      const loaded = await readConfig(host, flags, {});
      if (flags.setup) return commands.setUp(host, connectNats, loaded, flags);
      await commands.startWorker(host, connectNats, loaded, flags);
    });

  withRequestFlags(
    withQueueFlags(program.command('submit')),
    usualNeeds.filter((need) => need !== 'normalized'),
  )
    .description('put pictures into a queue for workers; local ones are stored on the NATS server')
    .argument('[path...]', 'pictures, folders to look through, or URLs')
    .option('--list <file>', 'more of them from a file, one a line; - is standard input')
    .option('--batch <name>', 'what to collect the answers by', 'default')
    .option(
      '--journal <file>',
      'where it is kept what was put in, so that a run can go on',
      'submitted.ndjson',
    )
    .action(async (paths: string[], flags: SubmitFlags, command: Command) => {
      if (paths.length === 0 && flags.list === undefined) command.error('error: expected a path, or --list');
      const { submitPictures } = await import('./submit.ts');
      const { image: _, ...request } = requestOf(flags);
      const failures = await submitPictures(host, connectNats, {
        ...flags,
        request,
        sources: { paths, list: flags.list },
      });
      host.exit(failures > 0 ? 1 : 0);
    });

  withQueueFlags(program.command('collect'))
    .description('write answers of workers as they come, until all are there')
    .option('--batch <name>', 'only those of this batch')
    .option('--out <file>', 'write there, and go on with what is there from an earlier run')
    .addOption(
      new Option(
        '--format <name>',
        "of what is written (default: by the file's ending, else ndjson)",
      ).choices(formats),
    )
    .option('--follow', 'go on when all are there: more requests may come')
    .action(async (flags: CollectFlags) => {
      const { collectAnswers } = await import('./collect.ts');
      const failures = await collectAnswers(host, connectNats, {
        ...flags,
        format: formatOf(flags.out, flags.format),
      });
      host.exit(failures > 0 ? 1 : 0);
    });
}

function withQueueFlags(command: Command): Command {
  return command
    .option('--nats <url>', 'the NATS server; several of a cluster with commas', 'nats://127.0.0.1:4222')
    .option('--creds <file>', 'credentials for it')
    .option('--ca <file>', 'certificate of the authority that vouches for it')
    .option('--queue <name>', 'which queue on it', 'phiz');
}
