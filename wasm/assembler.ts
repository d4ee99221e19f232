/**
 * A WebAssembly assembler in one page: instructions are nested lists of bytes, named as in the
 * specification, and {@link assemble} lays them out as a binary module. Kernels are therefore
 * plain TypeScript functions that know the shapes they are written for; no toolchain is needed.
 *
 * Source: WebAssembly Core Specification 3.0, chapter 5 (binary format).
 */
export type Code = Binary | VectorConstant | readonly Code[];

/** Bytes of the binary format. */
type Binary = number | Uint8Array | readonly Binary[];

/** A constant of 128 bits: see {@link FunctionBuilder.encode}. */
class VectorConstant {
  readonly bytes: Uint8Array;

  constructor({ buffer, byteOffset }: ArrayBufferView) {
    this.bytes = new Uint8Array(buffer, byteOffset, 16);
  }

  get instruction(): Binary {
    return [simd(0x0c), this.bytes];
  }

  get isZero(): boolean {
    return this.bytes.every((byte) => byte === 0);
  }
}

/** Value types. */
const i32Type = 0x7f;
const i64Type = 0x7e;
const v128Type = 0x7b;
const f64Type = 0x7c;

/** Integers are written in LEB128, seven bits a byte. */
const unsigned = (value: number): Binary =>
  value < 0x80 ? value : [(value & 0x7f) | 0x80, unsigned(value >>> 7)];
const signed = (value: number): Binary =>
  value >= -64 && value < 64 ? value & 0x7f : [(value & 0x7f) | 0x80, signed(value >> 7)];

const simd = (opcode: number): Binary => [0xfd, unsigned(opcode)];
const operator =
  (opcode: Code) =>
  (...operands: Code[]): Code => [operands, opcode];
/** `align` is only a hint; 0 promises nothing. `offset` is a constant added to the address. */
const access =
  (opcode: Code) =>
  (address: Code, offset = 0): Code => [address, opcode, 0, unsigned(offset)];
const store =
  (opcode: Code) =>
  (address: Code, value: Code, offset = 0): Code => [address, value, opcode, 0, unsigned(offset)];
const laneStore =
  (opcode: Code) =>
  (address: Code, value: Code, lane: number, offset = 0): Code => [
    address,
    value,
    opcode,
    0,
    unsigned(offset),
    lane,
  ];

export const i32 = {
  const: (value: number): Code => [0x41, signed(value)],
  add: operator(0x6a),
  sub: operator(0x6b),
  mul: operator(0x6c),
  divU: operator(0x6e),
  remU: operator(0x70),
  shl: operator(0x74),
  shrS: operator(0x75),
  shrU: operator(0x76),
  and: operator(0x71),
  ltU: operator(0x49),
  gtS: operator(0x4a),
  gtU: operator(0x4b),
  select: operator(0x1b),
  load: access(0x28),
  load8U: access(0x2d),
  load16S: access(0x2e),
  store: store(0x36),
  store8: store(0x3a),
  store16: store(0x3b),
  truncSatF64S: operator([0xfc, 0x02]),
};

export const i64 = {
  extendI32U: operator(0xad),
  wrap: operator(0xa7),
  add: operator(0x7c),
  or: operator(0x84),
  shl: operator(0x86),
  shrU: operator(0x88),
  load: access(0x29),
  store: store(0x37),
};

export const f64 = {
  const: (value: number): Code => [0x44, new Uint8Array(Float64Array.of(value).buffer)],
  load: access(0x2b),
  loadF32: (address: Code): Code => [access(0x2a)(address), 0xbb],
  store: store(0x39),
  abs: operator(0x99),
  floor: operator(0x9c),
  add: operator(0xa0),
  div: operator(0xa3),
  max: operator(0xa5),
};

export const v128 = {
  load: access(simd(0x00)),
  load8x8U: access(simd(0x02)),
  load16x4S: access(simd(0x03)),
  load32Splat: access(simd(0x09)),
  load64Splat: access(simd(0x0a)),
  load64Zero: access(simd(0x5d)),
  and: operator(simd(0x4e)),
  or: operator(simd(0x50)),
  xor: operator(simd(0x51)),
  /** 1 where a bit is set, else 0. */
  anyTrue: operator(simd(0x53)),
  /** The bits of the first where the mask has ones, else those of the second. */
  bitselect: operator(simd(0x52)),
  store: store(simd(0x0b)),
  store8Lane: laneStore(simd(0x58)),
  store16Lane: laneStore(simd(0x59)),
  store32Lane: laneStore(simd(0x5a)),
  store64Lane: laneStore(simd(0x5b)),
  const: (lanes: ArrayBufferView): Code => new VectorConstant(lanes),
};

export const i8x16 = {
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [a, b, simd(0x0d), lanes],
  /** The bytes of the first at the places that the second gives; 0 where it gives none below 16. */
  swizzle: operator(simd(0x0e)),
  /** All bits of a byte where both are equal, or where the first is less, else none. */
  eq: operator(simd(0x23)),
  ltS: operator(simd(0x25)),
  narrowI16x8U: operator(simd(0x66)),
  add: operator(simd(0x6e)),
  sub: operator(simd(0x71)),
  subSatU: operator(simd(0x73)),
  minU: operator(simd(0x77)),
};

export const i16x8 = {
  splat: operator(simd(0x10)),
  gtS: operator(simd(0x31)),
  abs: operator(simd(0x80)),
  /** (a·b + 2^14) >> 15. */
  q15mulrSatS: operator(simd(0x82)),
  narrowI32x4S: operator(simd(0x85)),
  shl: operator(simd(0x8b)),
  shrS: operator(simd(0x8c)),
  shrU: operator(simd(0x8d)),
  add: operator(simd(0x8e)),
  addSatS: operator(simd(0x8f)),
  sub: operator(simd(0x91)),
  subSatS: operator(simd(0x92)),
  mul: operator(simd(0x95)),
  extendLowI8x16U: operator(simd(0x89)),
  extendHighI8x16U: operator(simd(0x8a)),
  /** Sums of two neighbouring bytes. */
  extaddPairwiseI8x16U: operator(simd(0x7d)),
  minS: operator(simd(0x96)),
  maxS: operator(simd(0x98)),
};

export const i32x4 = {
  splat: operator(simd(0x11)),
  extractLane: (vector: Code, lane: number): Code => [vector, simd(0x1b), lane],
  replaceLane: (vector: Code, lane: number, value: Code): Code => [vector, value, simd(0x1c), lane],
  extendLowI16x8S: operator(simd(0xa7)),
  extendHighI16x8S: operator(simd(0xa8)),
  extendLowI16x8U: operator(simd(0xa9)),
  extendHighI16x8U: operator(simd(0xaa)),
  shl: operator(simd(0xab)),
  shrS: operator(simd(0xac)),
  add: operator(simd(0xae)),
  sub: operator(simd(0xb1)),
  mul: operator(simd(0xb5)),
  minS: operator(simd(0xb6)),
  maxS: operator(simd(0xb8)),
  dotI16x8S: operator(simd(0xba)),
};

export const f32x4 = {
  ge: operator(simd(0x46)),
  add: operator(simd(0xe4)),
  mul: operator(simd(0xe6)),
  pmin: operator(simd(0xea)),
  pmax: operator(simd(0xeb)),
  convertI32x4S: operator(simd(0xfa)),
  /** Relaxed SIMD: a·b + c, rounded once or twice. */
  relaxedMadd: operator(simd(0x105)),
};

export const f64x2 = {
  /** The first two of four float32, and two as float32, before zeros. */
  promoteLowF32x4: operator(simd(0x5f)),
  demoteF64x2Zero: operator(simd(0x5e)),
  sub: operator(simd(0xf1)),
  mul: operator(simd(0xf2)),
};

/** A parameter or local variable of a function. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

/** The function being written: hands out its parameters, then its local variables. */
export class FunctionBuilder {
  readonly #types: number[] = [];
  readonly parameters: readonly Local[];

  constructor(parameterCount: number) {
    this.parameters = Array.from({ length: parameterCount }, () => this.#declare(i32Type));
  }

  i32(): Local {
    return this.#declare(i32Type);
  }

  i64(): Local {
    return this.#declare(i64Type);
  }

  f64(): Local {
    return this.#declare(f64Type);
  }

  v128(): Local {
    return this.#declare(v128Type);
  }

  v128s(count: number): Local[] {
    return Array.from({ length: count }, () => this.v128());
  }

  #declare(type: number): Local {
    const index = this.#types.push(type) - 1;
    return { get: [0x20, unsigned(index)], set: (value) => [value, 0x21, unsigned(index)] };
  }

  /**
   * Local declarations, instructions and the end mark: an entry of the code section. Vector constants
   * are set at the start: wherever V8 meets one it takes three instructions to make it, in loops too.
   * Zeros take one, which is not executed.
   */
  encode(body: Code): Binary {
    const constants = new Map<string, { local: Local; instruction: Binary }>();
    const localOf = (constant: VectorConstant): Local => {
      const { bytes, instruction } = constant;
      const key = bytes.join();
      const known = constants.get(key);
      if (known) return known.local;
      const local = this.v128();
      constants.set(key, { local, instruction });
      return local;
    };
    const withLocals = (code: Code): Binary => {
      if (typeof code === 'number' || code instanceof Uint8Array) return code;
      if (!(code instanceof VectorConstant)) return code.map(withLocals);
      return code.isZero ? code.instruction : withLocals(localOf(code).get);
    };
    const instructions = withLocals(body);
    const start = [...constants.values()].map(({ local, instruction }) => withLocals(local.set(instruction)));
    const locals = this.#types.slice(this.parameters.length);
    return sized([vector(locals.map((type) => [1, type])), start, instructions, 0x0b]);
  }
}

/** Runs `body` at least once, again as long as `condition` holds after it. */
export const doWhile = (body: Code, condition: Code): Code => [
  [0x03, 0x40],
  body,
  condition,
  [0x0d, 0],
  0x0b,
];

/** `then` where `condition` holds, else `otherwise`. */
export const ifElse = (condition: Code, then: Code, otherwise: Code): Code => [
  condition,
  [0x04, 0x40],
  then,
  0x05,
  otherwise,
  0x0b,
];

/**
 * Has V8 compute variables here. Before version 12 (Node 20) it puts off what is pure until it is
 * needed, and keeps all that was loaded for it: in a long stretch of code it runs out of registers.
 *
 * @param nonZero a variable that is never 0, which V8 cannot know
 */
export const settle = (nonZero: Local, variables: readonly Local[]): Code =>
  ifElse(
    nonZero.get,
    [],
    variables.map((variable) => variable.set(v128.const(new Uint8Array(16)))),
  );

/** Runs `body` `times` times, at least once. */
export function repeat(f: FunctionBuilder, times: number, body: Code): Code {
  if (times === 1) return body;
  const left = f.i32();
  return [left.set(i32.const(times)), countDown(left, body)];
}

/** Runs `body` `times` times, at least once; the variable is 0 then. */
export const countDown = (times: Local, body: Code): Code => doWhile([body, increment(times, -1)], times.get);

/** Adds a variable to another one. */
export const advance = (variable: Local, by: Local): Code => variable.set(i32.add(variable.get, by.get));

export const increment = (variable: Local, by: number): Code =>
  variable.set(i32.add(variable.get, i32.const(by)));

/** The address of an item of an array that begins at `base`; `bytes` is an item's size. */
export const itemAddress = (base: Local, index: Local, bytes: number): Code =>
  i32.add(base.get, i32.mul(index.get, i32.const(bytes)));

/** A function that takes i32 values and returns nothing. */
export interface WasmFunction {
  readonly name: string;
  /** The number of its parameters. */
  readonly parameters: number;
  readonly body: (f: FunctionBuilder) => Code;
}

/** A function's parameters by their names. */
export type Named<Names extends readonly string[]> = Record<Names[number], Local>;

/** A function whose parameters have names. @param parameters in their order */
export function wasmFunction<const Names extends readonly string[]>(
  name: string,
  parameters: Names,
  body: (f: FunctionBuilder, parameters: Named<Names>) => Code,
): WasmFunction {
  return {
    name,
    parameters: parameters.length,
    body(f) {
      const locals = parameters.map((parameter, index) => [parameter, f.parameters[index]]);
      return body(f, Object.fromEntries(locals) as Named<Names>);
    },
  };
}

/** A kernel that serves maps of any size, and what it is told of those at hand. */
export interface SizedKernel {
  readonly kernel: WasmFunction;
  /** The kernel's last parameters. */
  readonly sizes: readonly number[];
}

/** The binary of a module that imports `env.memory` and exports every function by its name. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Binary): Binary => [id, sized(content)];
  const module: Binary = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, vector(functions.map((f) => [0x60, vector(Array(f.parameters).fill(i32Type)), 0]))),
    section(2, vector([[text('env'), text('memory'), 0x02, 0x00, 0]])),
    section(3, vector(functions.map((_, index) => unsigned(index)))),
    section(7, vector(functions.map((f, index) => [text(f.name), 0x00, unsigned(index)]))),
    section(
      10,
      vector(
        functions.map((f) => {
          const builder = new FunctionBuilder(f.parameters);
          return builder.encode(f.body(builder));
        }),
      ),
    ),
  ];
  return flatten(module);
}

const text = (value: string): Binary => sized(new TextEncoder().encode(value));
const vector = (items: readonly Binary[]): Binary => [unsigned(items.length), items];
const sized = (content: Binary): Binary => {
  const bytes = flatten(content);
  return [unsigned(bytes.length), bytes];
};

function flatten(code: Binary): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(code));
  write(code, bytes, 0);
  return bytes;
}

function lengthOf(code: Binary): number {
  if (typeof code === 'number') return 1;
  if (code instanceof Uint8Array) return code.length;
  let length = 0;
  for (const part of code) length += lengthOf(part);
  return length;
}

/** @returns where the next byte goes */
function write(code: Binary, bytes: Uint8Array, offset: number): number {
  if (typeof code === 'number') {
    bytes[offset] = code;
    return offset + 1;
  }
  if (code instanceof Uint8Array) {
    bytes.set(code, offset);
    return offset + code.length;
  }
  let end = offset;
  for (const part of code) end = write(part, bytes, end);
  return end;
}
