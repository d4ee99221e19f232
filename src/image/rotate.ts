import { createRaster, type Raster } from './raster.ts';

/** Quarter turns clockwise. */
export type QuarterTurns = 0 | 1 | 2 | 3;

/** The raster turned clockwise, every pixel as it was. 0 gives the raster itself. */
export function rotate(source: Raster, turns: QuarterTurns): Raster {
  const { width, height } = source;
  switch (turns) {
    case 0:
      return source;
    case 1:
      return rearrange(source, height, width, (height - 1) * width, -width, 1);
    case 2:
      return rearrange(source, width, height, height * width - 1, -1, -width);
    case 3:
      return rearrange(source, height, width, width - 1, width, -1);
  }
}

/** The raster mirrored left to right. */
export function mirror(source: Raster): Raster {
  const { width, height } = source;
  return rearrange(source, width, height, width - 1, -1, width);
}

/**
 * A raster of the given size whose pixel (x, y) is the source's pixel number
 * `first + x * perColumn + y * perRow`.
 */
function rearrange(
  source: Raster,
  width: number,
  height: number,
  first: number,
  perColumn: number,
  perRow: number,
): Raster {
  const target = createRaster(width, height);
  const from = source.data;
  const to = target.data;
  let out = 0;
  for (let y = 0; y < height; y++) {
    let pixel = (first + y * perRow) * 3;
    for (let x = 0; x < width; x++) {
      to[out++] = from[pixel]!;
      to[out++] = from[pixel + 1]!;
      to[out++] = from[pixel + 2]!;
      pixel += perColumn * 3;
    }
  }
  return target;
}
