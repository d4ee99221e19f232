/** Shares of pairs of strangers, for each of which a cosine is known that no more of them exceed. */
export const falseAcceptRates = { '1%': 0.01, '0.1%': 0.001, '0.01%': 0.0001 } as const;
export type FalseAcceptRate = keyof typeof falseAcceptRates;

/** Cosines above which so many strangers are. */
export type Thresholds = Readonly<Record<FalseAcceptRate, number>>;

/** The meaning of a cosine for two faces. */
export interface Verdict {
  readonly verdict: 'same person' | 'unsure' | 'different people';
  /** For people. */
  readonly because: string;
}

/**
 * Everything that says what a cosine means says it with these words. Women and people of one family or
 * group are more alike than strangers at large, for whom rates are measured: hence the rare first one.
 */
export const verdicts: readonly (Verdict & {
  /** The least cosine; absent: any. */
  readonly from?: (thresholds: Thresholds) => number;
})[] = [
  { from: rarest, verdict: 'same person', because: '1 in 30 000 strangers is this alike, or fewer' },
  { from: (least) => least['0.1%'], verdict: 'unsure', because: '1 in 1000 strangers is this alike' },
  { from: (least) => least['1%'], verdict: 'unsure', because: '1 in 100 strangers is this alike' },
  { verdict: 'different people', because: 'more than 1 in 100 strangers are this alike' },
];

/** Half a power of ten beyond the rarest that is measured, along the line of the last two. */
function rarest(thresholds: Thresholds): number {
  return 1.5 * thresholds['0.01%'] - 0.5 * thresholds['0.1%'];
}

/**
 * The verdict on two faces.
 *
 * @param cosine of their vectors
 * @param thresholds of the network and the scale that these are of
 */
export function verdictOf(cosine: number, thresholds: Thresholds): Verdict {
  const { verdict, because } = verdicts.find(({ from }) => !from || cosine >= from(thresholds))!;
  return { verdict, because };
}
