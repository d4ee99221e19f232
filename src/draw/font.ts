/** Columns and rows of a glyph. */
export const glyphWidth = 5;
export const glyphHeight = 7;

/**
 * The 5×7 shapes of character displays, for what labels are written with. Two hexadecimal digits
 * a column from the left; the lowest bit is the top row.
 */
const columns: Readonly<Record<string, string>> = {
  '0': '3e5149453e',
  '1': '00427f4000',
  '2': '4261514946',
  '3': '2141454b31',
  '4': '1814127f10',
  '5': '2745454539',
  '6': '3c4a494930',
  '7': '0171090503',
  '8': '3649494936',
  '9': '064949291e',
  a: '2054545478',
  b: '7f48444438',
  c: '3844444420',
  d: '384444487f',
  e: '3854545418',
  f: '087e090102',
  g: '0c5252523e',
  h: '7f08040478',
  i: '00447d4000',
  j: '2040443d00',
  k: '7f10284400',
  l: '00417f4000',
  m: '7c04180478',
  n: '7c08040478',
  o: '3844444438',
  p: '7c14141408',
  q: '081414187c',
  r: '7c08040408',
  s: '4854545420',
  t: '043f444020',
  u: '3c4040207c',
  v: '1c2040201c',
  w: '3c4030403c',
  x: '4428102844',
  y: '0c5050503c',
  z: '4464544c44',
};

/** True where a glyph is inked in a cell; characters without a glyph are blank. */
export function isInked(character: string, column: number, row: number): boolean {
  const bits = Number.parseInt(columns[character]?.slice(2 * column, 2 * column + 2) ?? '0', 16);
  return ((bits >> row) & 1) === 1;
}
