import type { Closeness } from '../detect/close-look.ts';
import { closeLooks } from '../detect/confirm.ts';
import { pixelsOf } from '../detect/plan.ts';
import { type LookPlan, levelsOf } from '../detect/plan-looks.ts';
import { scanLook } from '../detect/scan.ts';

/** A plan in words: a line for each level, finest first, one for the whole, and one for what follows. */
export function explain(plan: LookPlan): string {
  const levels = levelsOf(plan);
  const scanned = plan.scan.length > 0;
  const lines = levels.map(({ scale, faces, width, height, tiles }, index) => {
    const passes = tiles.length === 1 ? '1 pass' : `${tiles.length} passes`;
    const by = scanned && index >= plan.scan.length ? ' by the second network' : '';
    return (
      `  faces of ${round(faces.least)} to ${round(faces.most)} px: scale ${scale.toPrecision(3)}, ` +
      `${passes} of ${width}×${height}${by}`
    );
  });
  lines.push(`  in all ${(pixelsOf(levels) / 1e6).toFixed(2)} million input pixels`);
  if (scanned) lines.push(`  each find of the first network again: ${inWords(scanLook)}`);
  if (plan.confirmed) {
    const { scout, scoutFilling, judge, judgeAgain } = closeLooks;
    const [second, third] = scanned ? [' by the second', 'third'] : ['', 'second'];
    lines.push(
      `  each find again${second}: ${inWords(scout)}, or ${inWords(scoutFilling)} where it fills the picture`,
      `  what is left by the ${third} network: ${inWords(judge)}, ` +
        `where they disagree also ${inWords(judgeAgain)}`,
    );
  }
  return lines.join('\n');
}

function inWords({ faceSize, inputSide }: Closeness): string {
  return `${inputSide}×${inputSide} around ${round(faceSize)} px`;
}

const round = (size: number): string => (size < 10 ? size.toFixed(1) : size.toFixed(0));
