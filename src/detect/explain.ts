import { type Level, pixelsOf } from './plan.ts';

/** A plan in words: a line for each level, finest first, and one for the whole. */
export function explain(levels: readonly Level[]): string {
  const lines = levels.map(({ scale, faces, width, height, tiles }) => {
    const passes = tiles.length === 1 ? '1 pass' : `${tiles.length} passes`;
    return (
      `  faces of ${round(faces.least)} to ${round(faces.most)} px: scale ${scale.toPrecision(3)}, ` +
      `${passes} of ${width}×${height}`
    );
  });
  return [...lines, `  in all ${(pixelsOf(levels) / 1e6).toFixed(2)} million input pixels`].join('\n');
}

const round = (size: number): string => (size < 10 ? size.toFixed(1) : size.toFixed(0));
