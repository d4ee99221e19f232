import { type Command, InvalidArgumentError, Option } from 'commander';
import { detectors } from '../config/vocabulary.ts';
import type { FaceRequest } from '../server/request-schema.ts';

/** The flags that say what to look for in a picture. */

/** The words that `--need` takes, and the contract's keys for them. */
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
export type Need = keyof typeof needs;

export const usualNeeds: Need[] = ['facen', 'gender', 'age', 'emotions', 'normalized'];
/** Kilobytes of text for each face, which nobody reads on a terminal. */
export const bulkyNeeds: readonly Need[] = ['facen', 'normalized'];

export interface RequestFlags {
  readonly detector: FaceRequest['detector'];
  readonly need: readonly Need[];
  readonly roi?: NonNullable<FaceRequest['roi']>;
  readonly autoRotate?: true;
}

/** @param remark about what is computed, for the help */
export function withRequestFlags(command: Command, usual: Need[], remark = ''): Command {
  return command
    .addOption(new Option('--detector <name>', 'where faces come from').choices(detectors).default('nnd'))
    .addOption(
      new Option('--need <list>', `what to compute, of ${Object.keys(needs).join(',')}${remark}`)
        .argParser(parseNeeds)
        .default(usual, usual.join(',')),
    )
    .option('--roi <left,top,right,bottom>', 'look only here, in pixels', parseRoi)
    .option('--auto-rotate', 'look at four orientations (needs quality_estimator: true)');
}

/** The request that flags stand for, for no picture yet. */
export function requestOf(flags: RequestFlags): FaceRequest {
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

/** A whole number from 1 on, such as of instances. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError('Expected a whole number from 1 on.');
  }
  return count;
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
