import { attributeNames } from '../face/face.ts';
import { isRecord } from '../is-record.ts';
import { type DetectorChoice, type ExtractOptions, facesOrders } from './extraction.ts';
import {
  checkAgainst,
  flag,
  list,
  listOf,
  numberFrom,
  object,
  oneOf,
  type Rule,
  type Rules,
  wholeNumber,
} from './option-rules.ts';
import { facenScales, type InstanceSettings } from './settings.ts';

const regionRule: Rule = {
  expected: 'numbers left, top, right and bottom',
  fits: (value) =>
    isRecord(value) && ['left', 'top', 'right', 'bottom'].every((edge) => Number.isFinite(value[edge])),
};

const extractRules: Rules<ExtractOptions> = {
  detector: oneOf(['primary', 'light', 'none'] satisfies DetectorChoice[]),
  attributes: listOf(attributeNames),
  order: oneOf(facesOrders),
  chips: oneOf(['pixels', 'png', 'base64', 'base64-bytes']),
  region: regionRule,
  autoRotate: flag,
  maxFaces: wholeNumber(1),
  minSize: numberFrom(0),
  minConfidence: numberFrom(0, 1),
};

/** @throws TypeError, see {@link checkAgainst} */
export const checkOptions = (options: ExtractOptions): void => checkAgainst(extractRules, options);

const facesRule: Rule = {
  expected: 'numbers least and most, the first above 0 and not above the second',
  fits(value) {
    const { least, most } = isRecord(value) ? value : {};
    return typeof least === 'number' && typeof most === 'number' && least > 0 && least <= most;
  },
};

/** The rules for the settings of an engine. Which networks there are is found out where they are chosen. */
export const settingRules: Rules<InstanceSettings> = {
  maxDimension: wholeNumber(1),
  maxPixels: wholeNumber(1),
  exifOrientation: flag,
  partialImages: flag,
  minConfidence: numberFrom(0, 1),
  faces: facesRule,
  facenScale: oneOf(facenScales),
  models: object,
  manifests: list,
};
