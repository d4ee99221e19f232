/** A position in pixels; x grows to the right, y downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An axis-aligned rectangle in pixels; `right` and `bottom` are exclusive. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Rows of an image, or of a map made of one, from one to before another. */
export interface Rows {
  readonly from: number;
  readonly end: number;
}

/** Size of an image, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * An affine map of the plane: x' = a·x + b·y + c, y' = d·x + e·y + f.
 * Coordinates are continuous (pixel centres at halves).
 */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

/** The area of a box in square pixels; 0 for an empty or inverted one. */
export function area(box: Box): number {
  return Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);
}

/** The box around all of an image. */
export function wholeOf({ width, height }: Size): Box {
  return { left: 0, top: 0, right: width, bottom: height };
}

/** The box of a size around a centre. */
export function boxAround(x: number, y: number, width: number, height = width): Box {
  return { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 };
}

/** The longer side of a box in pixels. */
export function longerSide({ left, top, right, bottom }: Box): number {
  return Math.max(right - left, bottom - top);
}

/** The shorter side of a box in pixels. */
export function shorterSide({ left, top, right, bottom }: Box): number {
  return Math.min(right - left, bottom - top);
}

/** The overlap of two boxes; inverted (area 0) where they do not meet. */
export function intersect(first: Box, second: Box): Box {
  return {
    left: Math.max(first.left, second.left),
    top: Math.max(first.top, second.top),
    right: Math.min(first.right, second.right),
    bottom: Math.min(first.bottom, second.bottom),
  };
}

/** Intersection over union, 0 to 1. */
export function iou(first: Box, second: Box): number {
  // Of thousands of detections most are nowhere near each other.
  if (first.left >= second.right || second.left >= first.right) return 0;
  if (first.top >= second.bottom || second.top >= first.bottom) return 0;
  const common = area(intersect(first, second));
  const union = area(first) + area(second) - common;
  return union > 0 ? common / union : 0;
}

/** The image of a point under an affine map. */
export function transform(map: Affine, point: Point): Point {
  return {
    x: map.a * point.x + map.b * point.y + map.c,
    y: map.d * point.x + map.e * point.y + map.f,
  };
}

/** The map that applies `inner` first, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  return {
    a: outer.a * inner.a + outer.b * inner.d,
    b: outer.a * inner.b + outer.b * inner.e,
    c: outer.a * inner.c + outer.b * inner.f + outer.c,
    d: outer.d * inner.a + outer.e * inner.d,
    e: outer.d * inner.b + outer.e * inner.e,
    f: outer.d * inner.c + outer.e * inner.f + outer.f,
  };
}

/** The inverse map. @throws RangeError where the map is singular. */
export function invert(map: Affine): Affine {
  const determinant = map.a * map.e - map.b * map.d;
  if (Math.abs(determinant) < 1e-12) throw new RangeError('affine map has no inverse');
  const a = map.e / determinant;
  const b = -map.b / determinant;
  const d = -map.d / determinant;
  const e = map.a / determinant;
  return { a, b, c: -(a * map.c + b * map.f), d, e, f: -(d * map.c + e * map.f) };
}
