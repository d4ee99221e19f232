import { concatenated } from '../src/bytes.ts';

/**
 * Teaches a module that is not ours to ask now and then whether to go on: every call of one of its functions
 * uses up fuel, and where there is none left, it calls a function of its host. A decoder calls functions for each
 * row or block of a picture, so that no loop runs for long without. Sections are copied but for a
 * global, its export, and some 20 bytes before each function's instructions.
 *
 * Source: WebAssembly Core Specification 3.0, chapter 5 (binary format).
 */
export interface Metered {
  readonly binary: Uint8Array<ArrayBuffer>;
  /** The import that is called where fuel is out; the module may call it on its own account too. */
  readonly host: { readonly module: string; readonly name: string };
}

/** The exported global, a mutable i32, that holds what is left; below 0 there is none. */
export const fuelExport = 'fuel';

const section = { types: 1, imports: 2, globals: 6, exports: 7, code: 10 } as const;
const functionKind = 0;
const globalKind = 3;

/** @throws RangeError for a module without an import of a function that takes and gives nothing, or without exports */
export function meter(binary: Uint8Array): Metered {
  const sections = [...readSections(binary)];
  const payloadOf = (id: number) => sections.find((each) => each.id === id)?.payload;
  const { fuel, body: globals } = withGlobal(
    payloadOf(section.globals),
    importedGlobals(payloadOf(section.imports)),
  );
  const host = hostImport(payloadOf(section.types), payloadOf(section.imports));
  const prologue = prologueFor(fuel, host.index);
  const parts: Uint8Array[] = [binary.subarray(0, 8)];
  for (const { id, payload } of sections) {
    if (id === section.globals) parts.push(written(id, globals));
    else if (id === section.exports) parts.push(written(id, withExport(payload, fuel)));
    else if (id === section.code) parts.push(written(id, withPrologues(payload, prologue)));
    else parts.push(written(id, payload));
  }
  return { binary: concatenated(parts), host };
}

interface Section {
  readonly id: number;
  readonly payload: Uint8Array;
}

function* readSections(binary: Uint8Array): Generator<Section> {
  const reader = new Reader(binary, 8);
  while (!reader.done) {
    const id = reader.byte();
    yield { id, payload: reader.bytes(reader.unsigned()) };
  }
}

function written(id: number, payload: Uint8Array): Uint8Array {
  return concatenated([Uint8Array.of(id), unsigned(payload.length), payload]);
}

/** The first imported function of no parameters and no results. */
function hostImport(types: Uint8Array | undefined, imports: Uint8Array | undefined) {
  const plain = new Set<number>();
  if (types) {
    const reader = new Reader(types);
    const count = reader.unsigned();
    for (let index = 0; index < count; index++) {
      reader.byte();
      const parameters = reader.bytes(reader.unsigned()).length;
      const results = reader.bytes(reader.unsigned()).length;
      if (parameters + results === 0) plain.add(index);
    }
  }
  let index = 0;
  for (const { module, name, kind, type } of readImports(imports)) {
    if (kind !== functionKind) continue;
    if (plain.has(type)) return { module, name, index };
    index++;
  }
  throw new RangeError('no import that could be called');
}

const importedGlobals = (imports: Uint8Array | undefined): number =>
  [...readImports(imports)].filter(({ kind }) => kind === globalKind).length;

function* readImports(imports: Uint8Array | undefined) {
  if (!imports) return;
  const reader = new Reader(imports);
  const count = reader.unsigned();
  for (let each = 0; each < count; each++) {
    const module = reader.name();
    const name = reader.name();
    const kind = reader.byte();
    if (kind === functionKind) {
      yield { module, name, kind, type: reader.unsigned() };
      continue;
    }
    // A table has a type before its limits; a global has a type and whether it changes.
    if (kind === globalKind) reader.bytes(2);
    else {
      if (kind === 1) reader.byte();
      const hasMost = reader.unsigned() & 1;
      reader.unsigned();
      if (hasMost) reader.unsigned();
    }
    yield { module, name, kind, type: -1 };
  }
}

/** The globals and one more, a mutable i32 that begins with the most it can hold. */
function withGlobal(globals: Uint8Array | undefined, imported: number) {
  if (!globals) throw new RangeError('no globals');
  const reader = new Reader(globals);
  const count = reader.unsigned();
  const most = [0xff, 0xff, 0xff, 0xff, 0x07];
  const body = concatenated([
    unsigned(count + 1),
    reader.rest(),
    Uint8Array.of(0x7f, 1, 0x41, ...most, 0x0b),
  ]);
  return { fuel: imported + count, body };
}

function withExport(exports: Uint8Array, fuel: number): Uint8Array {
  const reader = new Reader(exports);
  const count = reader.unsigned();
  const name = new TextEncoder().encode(fuelExport);
  return concatenated([
    unsigned(count + 1),
    reader.rest(),
    unsigned(name.length),
    name,
    Uint8Array.of(globalKind),
    unsigned(fuel),
  ]);
}

/** fuel = fuel - 1; if (fuel < 0) host() */
function prologueFor(fuel: number, host: number): Uint8Array {
  const [get, set] = [0x23, 0x24];
  return concatenated([
    Uint8Array.of(get),
    unsigned(fuel),
    Uint8Array.of(0x41, 1, 0x6b, set),
    unsigned(fuel),
    Uint8Array.of(get),
    unsigned(fuel),
    Uint8Array.of(0x41, 0, 0x48, 0x04, 0x40, 0x10),
    unsigned(host),
    Uint8Array.of(0x0b),
  ]);
}

function withPrologues(code: Uint8Array, prologue: Uint8Array): Uint8Array {
  const reader = new Reader(code);
  const count = reader.unsigned();
  const parts = [unsigned(count)];
  for (let each = 0; each < count; each++) {
    const body = new Reader(reader.bytes(reader.unsigned()));
    const locals = body.unsigned();
    for (let group = 0; group < locals; group++) {
      body.unsigned();
      body.byte();
    }
    const [declared, instructions] = [body.before(), body.rest()];
    parts.push(
      unsigned(declared.length + prologue.length + instructions.length),
      declared,
      prologue,
      instructions,
    );
  }
  return concatenated(parts);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++]!;
  }

  /** LEB128. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  name(): string {
    return new TextDecoder().decode(this.bytes(this.unsigned()));
  }

  bytes(length: number): Uint8Array {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  before(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}

function unsigned(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, left]);
}
