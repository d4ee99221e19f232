import { h, withVariable } from './dom.ts';
import { headPoseFigure } from './head-pose.ts';
import type { JsonFace } from './service.ts';

/** A quality at which a face is as good as any, and one at which it is of no use. */
const bestQuality = 0;
const worstQuality = -5;

/** The card of one face. @param onPoint told when it is pointed at or left */
export function faceCard(face: JsonFace, index: number, onPoint: (on: boolean) => void): HTMLLIElement {
  const { normalized, emotions, headpose } = face;
  return h(
    'li',
    {
      class: 'card face',
      tabindex: 0,
      pointerenter: () => onPoint(true),
      pointerleave: () => onPoint(false),
      focus: () => onPoint(true),
      blur: () => onPoint(false),
    },
    h(
      'div',
      { class: 'portrait' },
      normalized !== undefined &&
        h('img', { src: `data:image/png;base64,${normalized}`, alt: `Normalised face ${index + 1}` }),
      headpose && headPoseFigure(headpose),
    ),
    h(
      'div',
      { class: 'facts' },
      h('h3', {}, h('span', { class: 'index' }, String(index + 1)), ` ${titleOf(face)}`),
      h('dl', { class: 'figures' }, ...figuresOf(face)),
      emotions && emotionBars(emotions),
    ),
  );
}

function titleOf({ gender, age }: JsonFace): string {
  const who = gender && (gender.gender === 'MALE' ? 'Man' : 'Woman');
  const years = age === undefined ? undefined : ageRange(age);
  return [who, years].filter((part) => part !== undefined).join(', ') || 'Face';
}

/** Years either way: the mean error from 15 to 65. That of small children is about one (the card of age-gender). */
const ageMargin = 5;

function ageRange(age: number): string {
  const margin = Math.min(ageMargin, Math.max(1, age / 3));
  return `${Math.max(0, Math.round(age - margin))} to ${Math.round(age + margin)}`;
}

function figuresOf({ gender, quality, headpose, detection_score }: JsonFace): HTMLElement[] {
  const figures: [string, string, number?][] = [['Score', detection_score.toFixed(3)]];
  if (gender) {
    // The odds of the contract's score, as the share of the gender that is named.
    const share = 1 / (1 + Math.exp(-Math.abs(gender.score)));
    figures.push([gender.gender === 'MALE' ? 'Male' : 'Female', percent(share)]);
  }
  if (quality !== undefined) {
    const share = (quality - worstQuality) / (bestQuality - worstQuality);
    figures.push(['Quality', quality.toFixed(2), Math.min(Math.max(share, 0), 1)]);
  }
  if (headpose) {
    figures.push(
      ['Yaw', degrees(headpose.yaw)],
      ['Pitch', degrees(headpose.pitch)],
      ['Roll', degrees(headpose.roll)],
    );
  }
  return figures.map(([term, value, share]) =>
    h(
      'div',
      {},
      h('dt', {}, term),
      h(
        'dd',
        {},
        value,
        share !== undefined && withVariable(h('span', { class: 'track' }), 'share', `${share}`),
      ),
    ),
  );
}

/** Emotions that are shown unasked. */
const foremost = 2;

function emotionBars(emotions: NonNullable<JsonFace['emotions']>): HTMLDivElement {
  const rows = emotions.map(({ emotion, score }, rank) =>
    h(
      'div',
      { class: rank === 0 ? 'first' : '' },
      h('dt', {}, emotion),
      h('dd', {}, withVariable(h('span', { class: 'track' }), 'share', `${score}`), percent(score)),
    ),
  );
  return h(
    'div',
    {},
    h('dl', { class: 'emotions' }, ...rows.slice(0, foremost)),
    h(
      'details',
      { class: 'more' },
      h('summary', {}, `${rows.length - foremost} more`),
      h('dl', { class: 'emotions' }, ...rows.slice(foremost)),
    ),
  );
}

const percent = (share: number) => `${Math.round(share * 100)}%`;
const degrees = (angle: number) => `${Math.round(angle)}°`;
