import { decodeBase64 } from '../../base64.ts';
import type {
  WireError,
  WireFace,
  WireFacesV1,
  WireObjectFace,
  WireResponse,
} from '../../server/answer-schema.ts';

/** A line of output: a picture, and what was found on it. */
export type PictureLine = WireResponse<WireFacesV1> & { readonly file: string };

/** A line of output: the answer for a picture, as either version of the API has it, or for a call with several. */
export type OutputLine = { readonly file: string } & (
  | WireResponse
  | { readonly responses: readonly WireResponse[] }
);

/** A face by v1's names; of v2's, those that stand for the same. */
type TableFace = Pick<WireFace, 'bbox' | 'detection_score'> & {
  readonly [Key in keyof WireFace]: WireFace[Key] | undefined;
};

/** A picture of a line. */
export interface TablePicture {
  readonly file: string;
  readonly error: WireError | undefined;
  readonly faces: readonly TableFace[];
}

/** The subject of a table's row: one face, or a picture without any. */
export interface Row {
  readonly picture: TablePicture;
  /** From 0, in the order of the answer; undefined where there is none. */
  readonly index: number | undefined;
  readonly face: TableFace | undefined;
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

const ofFace = (name: string, type: ColumnType, value: (face: TableFace) => Value): Column =>
  column(name, type, ({ face }) => face && value(face));

/** The columns of CSV and Parquet: a table has all of them, whatever was asked for. */
export const columns: readonly Column[] = [
  column('file', 'text', ({ picture }) => picture.file),
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
  column('error', 'text', ({ picture }) => picture.error?.code),
  column('error_text', 'text', ({ picture }) => picture.error?.desc),
];

/** A row for each face; one for a picture without. */
export function rowsOf(line: OutputLine): Row[] {
  return picturesOf(line).flatMap((picture): Row[] =>
    picture.faces.length === 0
      ? [{ picture, index: undefined, face: undefined }]
      : picture.faces.map((face, index) => ({ picture, index, face })),
  );
}

/** The pictures of a line. Those of a call with several are told apart by their number, from 0: `<file>#<number>`. */
export function picturesOf(line: OutputLine): TablePicture[] {
  if (!('responses' in line)) return [pictureOf(line.file, line)];
  if (line.responses.length === 0) return [{ file: line.file, error: undefined, faces: [] }];
  return line.responses.map((response, number) => pictureOf(`${line.file}#${number}`, response));
}

function pictureOf(file: string, response: WireResponse): TablePicture {
  const faces = 'objects' in response ? (response.objects.face ?? []).map(tableFace) : response.faces;
  return { file, error: response.error, faces };
}

type AttributeKey = Extract<keyof WireObjectFace, `face_${string}`>;

/** A face of v2. Of an attribute that came as variants only, the first. */
function tableFace(face: WireObjectFace): TableFace {
  const result = <Key extends AttributeKey>(key: Key) => {
    const keys = Object.keys(face) as Key[];
    const found = keys.find((name) => name === key) ?? keys.find((name) => name.startsWith(`${key}:`));
    return found && (face[found]?.result as NonNullable<WireObjectFace[Key]>['result'] | undefined);
  };
  const genders = result('face_gender');
  const confidence = (gender: string) => genders?.find(({ name }) => name === gender)?.confidence ?? 0;
  return {
    ...face,
    facen: result('face_emben'),
    gender: genders && {
      gender: genders[0]?.name === 'male' ? 'MALE' : 'FEMALE',
      score: Math.log(confidence('male') / confidence('female')),
    },
    age: result('face_age'),
    emotions: result('face_emotions')?.map((each) => ({ emotion: each.name, score: each.confidence })),
    quality: result('face_quality'),
    headpose: result('face_headpose'),
    landmarks: result('face_landmarks'),
  };
}

const bytesOf = (value: string | Uint8Array) => (typeof value === 'string' ? decodeBase64(value) : value);

function floats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, index) => view.getFloat32(4 * index, true));
}
