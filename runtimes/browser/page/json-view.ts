import { h } from './dom.ts';

/** Characters of a string that are shown whole; of longer ones the middle is folded away. */
const longest = 80;

/**
 * JSON, laid out. All of it is there to be selected and copied; long strings are only folded from
 * sight.
 */
export function jsonView(json: string): (Node | string)[] {
  const laidOut = JSON.stringify(JSON.parse(json), null, 2);
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const { 0: text, index } of laidOut.matchAll(/"(?:[^"\\]|\\.)*"/g)) {
    if (text.length <= longest) continue;
    parts.push(
      laidOut.slice(from, index),
      h('span', { class: 'folded', title: `${text.length} characters` }, text),
    );
    from = index + text.length;
  }
  return [...parts, laidOut.slice(from)];
}
