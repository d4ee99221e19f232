import {
  type Code,
  type FunctionBuilder,
  f32x4,
  ifElse,
  itemAddress,
  type Local,
  v128,
} from './assembler.ts';
import { type Plane, planeKey } from './plane.ts';

/** A map that decides where another one is made: at pixels of which one of its first values is large enough. */
export interface GateShape {
  readonly plane: Plane;
  /** Values of a pixel that count. */
  readonly values: number;
  /** In units of the map. */
  readonly least: number;
}

export const gateKey = (gate: GateShape | undefined): string =>
  gate ? `, where ${gate.values} of ${planeKey(gate.plane)} >= ${gate.least}` : '';

/** What a tile needs done, unless a gate is shut at all its pixels. `row` is the address of the gate's row. */
export function throughGate(
  f: FunctionBuilder,
  gate: GateShape | undefined,
  row: Local,
  x: Local,
  tile: number,
  body: Code,
): Code {
  if (!gate) return body;
  const { plane, values, least } = gate;
  const start = f.i32();
  const open = Array.from({ length: Math.ceil(values / 4) }, (_, index) => {
    const bounds = Float32Array.from({ length: 4 }, (_, lane) =>
      4 * index + lane < values ? least : Number.POSITIVE_INFINITY,
    );
    const largest = Array.from({ length: tile }, (_, pixel) =>
      plane.format.load(start.get, pixel * plane.pixelBytes, index),
    ).reduce((most, next) => f32x4.pmax(most, next));
    return f32x4.ge(largest, v128.const(bounds));
  });
  return [
    start.set(itemAddress(row, x, plane.pixelBytes)),
    ifElse(v128.anyTrue(open.reduce((one, other) => v128.or(one, other))), body, []),
  ];
}
