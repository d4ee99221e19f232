import type { Part } from './breakdown.ts';
import type { AgeGenderFigures, DetectionFigures, EmotionFigures, VerificationFigures } from './measure.ts';
import type { Acceptance } from './metrics.ts';
import type { QualityBin } from './quality-trend.ts';
import { decimals, formatTable } from './table.ts';

/** What was measured; a set that was not found, or not asked for, is absent. */
export interface Report {
  readonly phiz: string;
  readonly detector: string;
  readonly seed: number;
  detection?: DetectionFigures;
  verification?: VerificationFigures;
  ageGender?: AgeGenderFigures & { readonly parts: readonly Part[]; readonly quality: readonly QualityBin[] };
  emotion?: EmotionFigures;
}

/** The tables of a report, for people. */
export function formatReport({ detection, verification, ageGender, emotion }: Report): string {
  const tables: string[] = [];
  if (detection) {
    tables.push(
      formatTable(
        [
          'detection',
          'pictures',
          'faces',
          'AP',
          'recall at 5 FP',
          'precision',
          'recall',
          'threshold for 0.98',
        ],
        [
          [
            '',
            `${detection.pictures}`,
            `${detection.faces}`,
            decimals(detection.averagePrecision, 3),
            decimals(detection.recallAt5FalsePositives, 3),
            decimals(detection.reported.precision, 3),
            decimals(detection.reported.recall, 3),
            decimals(detection.precise.threshold, 2),
          ],
        ],
      ),
    );
  }
  if (verification) {
    const { allCrossPairs: all } = verification;
    const row = (name: string, pairs: number, auc: string, at1: Acceptance, at01: Acceptance) => [
      name,
      `${verification.pictures}`,
      `${verification.missed}`,
      `${verification.samePairs}`,
      `${pairs}`,
      auc,
      decimals(at1.rate, 3),
      decimals(at1.threshold, 3),
      decimals(at01.rate, 3),
      decimals(at01.threshold, 3),
    ];
    tables.push(
      formatTable(
        [
          'verification',
          'pictures',
          'missed',
          'same',
          'cross',
          'AUC',
          'TAR at FAR 1%',
          'cosine',
          'at 0.1%',
          'cosine',
        ],
        [
          row(
            'drawn cross pairs',
            verification.crossPairs,
            decimals(verification.auc, 4),
            verification.at1Percent,
            verification.atTenthPercent,
          ),
          row('all cross pairs', all.pairs, '', all.at1Percent, all.atTenthPercent),
        ],
      ),
    );
  }
  if (ageGender) {
    const row = (name: string, figures: AgeGenderFigures) => [
      name,
      `${figures.pictures}`,
      `${figures.missed}`,
      decimals(figures.ageError, 2),
      decimals(figures.ageErrorFrom15To65, 2),
      decimals(figures.ageBias, 2),
      decimals(figures.gender, 3),
    ];
    tables.push(
      formatTable(
        ['age and gender', 'pictures', 'missed', 'age MAE', '15 to 65', 'age bias', 'gender accuracy'],
        [row('all', ageGender), ...ageGender.parts.map(({ name, figures }) => row(name, figures))],
      ),
    );
  }
  if (emotion) {
    const recalls = Object.entries(emotion.recall);
    tables.push(
      formatTable(
        ['emotion', 'pictures', 'missed', 'accuracy', 'mean recall', ...recalls.map(([label]) => label)],
        [
          [
            '',
            `${emotion.pictures}`,
            `${emotion.missed}`,
            decimals(emotion.accuracy, 3),
            decimals(emotion.meanRecall, 3),
            ...recalls.map(([, recall]) => decimals(recall, 3)),
          ],
        ],
      ),
    );
  }
  const trends = [
    ...(ageGender ? [['age and gender', ageGender.quality] as const] : []),
    ...(verification ? [['verification', verification.quality] as const] : []),
  ];
  const [first] = trends;
  if (first) {
    tables.push(
      formatTable(
        [
          'quality by offset of the nose',
          ...first[1].map(({ to }) => (Number.isFinite(to) ? `to ${to}` : 'above')),
        ],
        trends.map(([name, bins]) => [
          name,
          ...bins.map(({ faces, quality }) => `${decimals(quality, 2)} (${faces})`),
        ]),
      ),
    );
  }
  return tables.join('\n\n');
}
