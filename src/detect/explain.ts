import type { Closeness } from './close-look.ts';
import { closeLooks } from './confirm.ts';
import { type Level, pixelsOf } from './plan.ts';

/**
 * A plan in words: a line for each level, finest first, one for the whole, and one for what follows.
 *
 * @param confirmed whether every find is looked at again, as `createConfirmedDetector` does
 */
export function explain(levels: readonly Level[], confirmed: boolean): string {
  const lines = levels.map(({ scale, faces, width, height, tiles }) => {
    const passes = tiles.length === 1 ? '1 pass' : `${tiles.length} passes`;
    return (
      `  faces of ${round(faces.least)} to ${round(faces.most)} px: scale ${scale.toPrecision(3)}, ` +
      `${passes} of ${width}×${height}`
    );
  });
  lines.push(`  in all ${(pixelsOf(levels) / 1e6).toFixed(2)} million input pixels`);
  if (confirmed) {
    const { scout, scoutFilling, judge, judgeAgain } = closeLooks;
    lines.push(
      `  each find again: ${inWords(scout)}, or ${inWords(scoutFilling)} where it fills the picture`,
      `  what is left by the second network: ${inWords(judge)}, ` +
        `where the two disagree also ${inWords(judgeAgain)}`,
    );
  }
  return lines.join('\n');
}

function inWords({ faceSize, inputSide }: Closeness): string {
  return `${inputSide}×${inputSide} around ${round(faceSize)} px`;
}

const round = (size: number): string => (size < 10 ? size.toFixed(1) : size.toFixed(0));
