import type { Part } from './breakdown.ts';
import type { SexFigures } from './by-sex.ts';
import type { DegradedFigures } from './degraded.ts';
import type {
  Acceptances,
  AgeGenderFigures,
  DetectionFigures,
  EmotionFigures,
  VerificationFigures,
} from './measure.ts';
import type { NegativeFigures, PointsFigures } from './points.ts';
import type { QualityBin } from './quality-trend.ts';
import { decimals, formatTable } from './table.ts';

/** The figures of each set; a set that was not found, or not asked for, is absent. */
export interface AccuracyReport {
  readonly phiz: string;
  readonly detector: string;
  readonly seed: number;
  detection?: DetectionFigures;
  verification?: VerificationFigures;
  bySex?: readonly SexFigures[];
  degraded?: readonly DegradedFigures[];
  ageGender?: AgeGenderFigures & { readonly parts: readonly Part[]; readonly quality: readonly QualityBin[] };
  emotion?: EmotionFigures;
  points?: PointsFigures;
  negatives?: NegativeFigures;
}

/** The tables of a report, for people. */
export function formatAccuracy(report: AccuracyReport): string {
  const { detection, verification, bySex, degraded, ageGender, emotion, points, negatives } = report;
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
    const row = (name: string, pairs: number, auc: string, rates: Acceptances) => [
      name,
      `${verification.pictures}`,
      `${verification.missed}`,
      `${verification.samePairs}`,
      `${pairs}`,
      auc,
      ...acceptanceCells(rates),
    ];
    tables.push(
      formatTable(
        ['verification', 'pictures', 'missed', 'same', 'cross', 'AUC', ...acceptanceHeader],
        [
          row('drawn cross pairs', verification.crossPairs, decimals(verification.auc, 4), verification),
          row('all cross pairs', all.pairs, '', all),
        ],
      ),
    );
  }
  if (bySex) {
    tables.push(
      formatTable(
        ['by sex, as guessed', 'people', 'same', 'cross', 'TAR at all', 'FAR at all', ...acceptanceHeader],
        bySex.map((figures) => [
          figures.sex,
          `${figures.people}`,
          `${figures.samePairs}`,
          `${figures.crossPairs}`,
          decimals(figures.common.accepted, 3),
          `${decimals(100 * figures.common.falselyAccepted, 3)}%`,
          ...acceptanceCells(figures),
        ]),
      ),
      "The sex is the engine's own estimate. TAR and FAR at all: above the cosine that 0.1% of all cross pairs exceed.",
    );
  }
  if (degraded) {
    tables.push(
      formatTable(
        ['degraded', 'pictures', 'missed', 'same', 'cross', 'quality', ...acceptanceHeader],
        degraded.map((figures) => [
          figures.name,
          `${figures.pictures}`,
          `${figures.missed}`,
          `${figures.samePairs}`,
          `${figures.crossPairs}`,
          decimals(figures.quality, 2),
          ...acceptanceCells(figures),
        ]),
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
  if (points) {
    tables.push(
      formatTable(
        ['points', 'faces', 'missed', 'median error', 'over 0.12', 'quality below -2', 'below -5'],
        [
          [
            '',
            `${points.faces}`,
            `${points.missed.length}`,
            decimals(points.error, 3),
            `${points.far.length}`,
            `${points.doubtful.length}`,
            `${points.useless}`,
          ],
        ],
      ),
      [
        ...points.missed.map(({ face }) => `- not found: ${face}`),
        ...points.far.map(({ face, error }) => `- points ${decimals(error, 3)} away: ${face}`),
        ...points.doubtful.map(({ face, quality }) => `- quality ${decimals(quality, 1)}: ${face}`),
      ].join('\n'),
    );
  }
  if (negatives) {
    const { finds } = negatives;
    tables.push(
      formatTable(
        ['negatives', 'pictures', 'called a face', 'finds', 'over 0.5', 'quality above -5'],
        [
          [
            '',
            `${negatives.pictures}`,
            `${negatives.called}`,
            `${finds.length}`,
            `${finds.filter(({ confidence }) => confidence > 0.5).length}`,
            `${finds.filter(({ quality }) => quality > -5).length}`,
          ],
        ],
      ),
      finds
        .map(
          ({ file, confidence, quality }) =>
            `- ${file}: confidence ${decimals(confidence, 2)}, quality ${decimals(quality, 1)}`,
        )
        .join('\n'),
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
  return tables.filter((table) => table !== '').join('\n\n');
}

const acceptanceHeader = ['TAR at FAR 1%', 'cosine', 'at 0.1%', 'cosine', 'at 0.01%', 'cosine'];

const acceptanceCells = ({ at1Percent, atTenthPercent, atHundredthPercent }: Acceptances): string[] =>
  [at1Percent, atTenthPercent, atHundredthPercent].flatMap(({ rate, threshold }) => [
    decimals(rate, 3),
    decimals(threshold, 3),
  ]);
