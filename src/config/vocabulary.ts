import type { AttributeName } from '../face/face.ts';
import type { DetectorChoice } from '../pipeline/extraction.ts';
import { nearest } from './nearest.ts';

/** The vendor's names, of all versions of its API, for what the engine does. */

interface Words {
  /** The key of a request that asks for it. */
  readonly flag: `need_${string}`;
  /** Its key in an answer of v2. */
  readonly unified: string;
  /** Other names in `attributes`, each with or without `face_` before it. */
  readonly aliases: readonly string[];
}

export const attributeWords = {
  embedding: { flag: 'need_facen', unified: 'face_emben', aliases: ['facen', 'emben', 'face'] },
  gender: { flag: 'need_gender', unified: 'face_gender', aliases: ['gender'] },
  age: { flag: 'need_age', unified: 'face_age', aliases: ['age'] },
  emotions: { flag: 'need_emotions', unified: 'face_emotions', aliases: ['emotions'] },
  chip: { flag: 'need_normalized', unified: 'normalized', aliases: ['normalized'] },
  landmarks: { flag: 'need_landmarks', unified: 'face_landmarks', aliases: ['landmarks'] },
  headPose: { flag: 'need_headpose', unified: 'face_headpose', aliases: ['headpose'] },
  quality: { flag: 'need_quality', unified: 'face_quality', aliases: ['quality'] },
} as const satisfies Record<AttributeName, Words>;

const attributeOf = new Map<string, AttributeName>(
  Object.entries(attributeWords).flatMap(([attribute, { aliases }]) =>
    aliases
      .flatMap((alias) => [alias, `face_${alias}`])
      .map((name) => [name, attribute as AttributeName] as const),
  ),
);

/** Attributes of faces that the vendor has networks for, and phiz has none. */
const withoutNetwork = new Set(
  [
    'beard',
    'countries47',
    'ethnicity',
    'eyes_attrs',
    'eyes_openness',
    'glasses3',
    'glasses4',
    'haircolor',
    'liveness',
    'medmask3',
    'race',
  ].flatMap((name) => [name, `face_${name}`]),
);

/** Every name of an attribute of faces that the vendor has. */
export const vendorAttributes: readonly string[] = [...attributeOf.keys(), ...withoutNetwork];

/** True for a detector or an attribute of objects that the vendor knows and phiz does not. */
export function isOtherObject(name: string): boolean {
  return /^(body|car|license_?plate|pedestrian|person|silhouette|vehicle)|^(carattr|pedattr)/.test(name);
}

/** The meaning of a name in `attributes`. */
export type NamedAttribute =
  | {
      readonly attribute: AttributeName;
      readonly known: true;
      /** Its key in an answer of v2: a variant (`face_emben:name`) has the name that was asked for. */
      readonly unified: string;
    }
  | {
      readonly attribute?: never;
      /** True where the vendor knows the name. */
      readonly known: boolean;
      /** The reason why phiz has no such attribute. */
      readonly problem: string;
    };

export function namedAttribute(name: string): NamedAttribute {
  const [base = ''] = name.split(':', 1);
  const attribute = attributeOf.get(base);
  if (attribute) {
    const unified = base === name ? attributeWords[attribute].unified : name;
    return { attribute, known: true, unified };
  }
  if (withoutNetwork.has(base) || isOtherObject(base)) {
    return { known: true, problem: 'phiz has no network for it' };
  }
  const near = nearest(base, attributeOf.keys());
  return { known: false, problem: `unknown${near ? `, did you mean ${near}?` : ''}` };
}

/** Where faces come from, by the names of `detector`; the first of each is the one that is documented. */
const detectorNames: Readonly<Record<DetectorChoice, readonly string[]>> = {
  primary: ['nnd', 'face', 'cheetah', 'retina', 'jasmine'],
  light: ['legacy'],
  none: ['prenormalized', 'normalized'],
};

export const detectors = Object.values(detectorNames).map(([name]) => name!);

const choiceOf = new Map(
  Object.entries(detectorNames).flatMap(([choice, names]) =>
    names.map((name) => [name, choice as DetectorChoice] as const),
  ),
);

/**
 * The detector of a name; '' is the default.
 *
 * @param aliases further names of the default
 * @returns undefined for other objects, and for what nothing knows
 */
export function detectorChoice(name: string, aliases: readonly string[]): DetectorChoice | undefined {
  if (name === '' || aliases.includes(name)) return 'primary';
  return choiceOf.get(name);
}

/** True for the names of detectors that need no configuration. */
export const isBuiltInDetector = (name: string) => choiceOf.has(name);
