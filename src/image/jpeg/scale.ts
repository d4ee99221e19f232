import type { Samples } from '../../../wasm/inverse-dct.ts';
import type { Reduction } from '../picture.ts';
import type { Component, Frame } from './frame.ts';

/** The scale at which one component is reconstructed for a reduced view. */
export interface ComponentScale {
  /** Samples that a block becomes. */
  readonly blockWidth: Samples;
  readonly blockHeight: Samples;
  /** Samples of an MCU. */
  readonly mcuWidth: number;
  readonly mcuHeight: number;
  /** Samples of the whole picture, without those that fill up blocks. */
  readonly width: number;
  readonly height: number;
  /** By how much they must be stretched to meet the view's pixels: 1, 2 and 4, or whatever odd factors give. */
  readonly stretchX: number;
  readonly stretchY: number;
  /** True: a triangle filter stretches the samples; false: samples are repeated. */
  readonly smoothX: boolean;
  readonly smoothY: boolean;
}

/**
 * A component that is subsampled by the reduction anyway needs no stretching: its blocks are
 * reduced less than the others. Samples are smoothed as libjpeg does at full size (doubled in one
 * or both directions), so that pictures look the same.
 */
export function scaleOf(frame: Frame, component: Component, reduction: Reduction): ComponentScale {
  const idealWidth = (8 * frame.maxHorizontal) / (component.horizontal * reduction);
  const idealHeight = (8 * frame.maxVertical) / (component.vertical * reduction);
  const blockWidth = samplesOf(idealWidth);
  const blockHeight = samplesOf(idealHeight);
  const stretchX = idealWidth / blockWidth;
  const stretchY = idealHeight / blockHeight;
  const width = Math.ceil((component.width * blockWidth) / 8);
  const doubles = (stretchX === 2 && stretchY <= 2) || (stretchX === 1 && stretchY === 2);
  const smooth = doubles && (stretchY === 1 || stretchY === 2) && width > 2;
  return {
    blockWidth,
    blockHeight,
    mcuWidth: component.horizontal * blockWidth,
    mcuHeight: component.vertical * blockHeight,
    width,
    height: Math.ceil((component.height * blockHeight) / 8),
    stretchX,
    stretchY,
    smoothX: smooth && stretchX === 2,
    smoothY: smooth && stretchY === 2,
  };
}

/** The least number of samples that is enough; 8 where none is. */
function samplesOf(ideal: number): Samples {
  if (ideal > 4) return 8;
  if (ideal > 2) return 4;
  return ideal > 1 ? 2 : 1;
}
