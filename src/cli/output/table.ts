import { decodeBase64 } from '../../base64.ts';
import type { WireFace, WireFacesV1, WireResponse } from '../../server/answer-schema.ts';

/** A line of output: a picture, and what was found on it. */
export type PictureLine = WireResponse<WireFacesV1> & { readonly file: string };

/** The subject of a table's row: one face, or a picture without any. */
export interface Row {
  readonly line: PictureLine;
  /** From 0, in the order of the answer; undefined where there is none. */
  readonly index: number | undefined;
  readonly face: WireFace | undefined;
}

export type ColumnType = 'text' | 'whole number' | 'number' | 'bytes' | 'numbers';
export type Value = string | number | Uint8Array | Float32Array | undefined;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly value: (row: Row) => Value;
}

function column(name: string, type: ColumnType, value: (row: Row) => Value): Column {
  return { name, type, value };
}

const ofFace = (name: string, type: ColumnType, value: (face: WireFace) => Value): Column =>
  column(name, type, ({ face }) => face && value(face));

/** The columns of CSV and Parquet: a table has all of them, whatever was asked for. */
export const columns: readonly Column[] = [
  column('file', 'text', ({ line }) => line.file),
  column('face', 'whole number', ({ index }) => index),
  ...(['left', 'top', 'right', 'bottom'] as const).map((side) =>
    ofFace(side, 'whole number', ({ bbox }) => bbox[side]),
  ),
  ofFace('detection_score', 'number', ({ detection_score }) => detection_score),
  ofFace('quality', 'number', ({ quality }) => quality),
  ofFace('gender', 'text', ({ gender }) => gender?.gender),
  ofFace('gender_score', 'number', ({ gender }) => gender?.score),
  ofFace('age', 'number', ({ age }) => age),
  ofFace('emotion', 'text', ({ emotions }) => emotions?.[0]?.emotion),
  ofFace('emotion_score', 'number', ({ emotions }) => emotions?.[0]?.score),
  ...(['yaw', 'pitch', 'roll'] as const).map((angle) =>
    ofFace(angle, 'number', ({ headpose }) => headpose?.[angle]),
  ),
  ...(['left_eye', 'right_eye', 'nose', 'left_mouth', 'right_mouth'] as const).flatMap((point) => [
    ofFace(`${point}_x`, 'number', ({ landmarks }) => landmarks?.[point].x),
    ofFace(`${point}_y`, 'number', ({ landmarks }) => landmarks?.[point].y),
  ]),
  ofFace('facen', 'numbers', ({ facen }) => facen && floats(bytesOf(facen))),
  ofFace('normalized', 'bytes', ({ normalized }) => normalized && bytesOf(normalized)),
  column('error', 'text', ({ line }) => line.error?.code),
  column('error_text', 'text', ({ line }) => line.error?.desc),
];

/** A row for each face; one for a picture without. */
export function rowsOf(line: PictureLine): Row[] {
  if (line.faces.length === 0) return [{ line, index: undefined, face: undefined }];
  return line.faces.map((face, index) => ({ line, index, face }));
}

const bytesOf = (value: string | Uint8Array) => (typeof value === 'string' ? decodeBase64(value) : value);

function floats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, index) => view.getFloat32(4 * index, true));
}
