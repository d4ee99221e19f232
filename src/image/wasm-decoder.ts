import { fuelExport, type Metered, meter } from '../../wasm/meter.ts';
import type { RgbaImage } from './codec.ts';

/** A decoder as Emscripten builds it: a function that makes the module, see @jsquash. */
type ModuleFactory<M> = (options: {
  readonly noInitialRun: boolean;
  readonly print: () => void;
  readonly printErr: () => void;
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports;
}) => Promise<M>;

/** Calls of a decoder's functions from one checkpoint to the next: a few milliseconds, or some rows of a lossless WebP. */
const stretch = 4_096;

/**
 * The `ImageData` in which @jsquash's decoders hand over pixels. Where a runtime has none they define one,
 * whose scope keeps the first decoder and all of its memory for ever.
 */
class PixelsOfDecoder {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

/** Bytes of a decoder's memory that are kept for the next picture. */
const keptMemory = 64 * 1024 * 1024;

/**
 * A decoder in WebAssembly that is not ours, with checkpoints. Its memory only ever grows, so that after a
 * picture that has made it large the decoder is made anew; so it is after one that was given up within.
 */
export class WasmDecoder<M> {
  readonly #factory: ModuleFactory<M>;
  #compiled: Promise<Metered & { readonly module: WebAssembly.Module }> | undefined;
  #loaded: Promise<Loaded<M>> | undefined;

  constructor(factory: unknown) {
    (globalThis as { ImageData?: unknown }).ImageData ??= PixelsOfDecoder;
    this.#factory = factory as ModuleFactory<M>;
  }

  /**
   * @param binary gives the decoder's bytes; asked once
   * @throws whatever `checkpoint` and `decode` throw
   */
  async run(
    binary: () => Promise<Uint8Array>,
    { checkpoint, memory, decode }: Job<M>,
  ): Promise<RgbaImage | null> {
    this.#compiled ??= binary().then(async (bytes) => {
      const metered = meter(bytes);
      return { ...metered, module: await WebAssembly.compile(metered.binary) };
    });
    this.#loaded ??= this.#load(await this.#compiled);
    const loaded = await this.#loaded;
    loaded.checkpoint = checkpoint;
    loaded.mostMemory = memory;
    loaded.fuel.value = stretch;
    try {
      return await decode(loaded.module);
    } catch (error) {
      this.#loaded = undefined;
      throw error;
    } finally {
      if (loaded.memory.buffer.byteLength > keptMemory) this.#loaded = undefined;
    }
  }

  async #load({ module, host }: Metered & { readonly module: WebAssembly.Module }): Promise<Loaded<M>> {
    const loaded: { -readonly [Key in keyof Loaded<M>]?: Loaded<M>[Key] } = {};
    const made = await this.#factory({
      noInitialRun: true,
      print: () => {},
      printErr: () => {},
      instantiateWasm(imports, receive) {
        const functions = imports[host.module] as Record<string, () => void>;
        const original = functions[host.name]!;
        const ask = () => {
          if (loaded.fuel!.value >= 0) return original();
          loaded.fuel!.value = stretch;
          loaded.checkpoint?.();
        };
        const instance = new WebAssembly.Instance(module, {
          ...imports,
          [host.module]: { ...functions, [host.name]: ask },
        });
        const exports = Object.values(instance.exports);
        loaded.fuel = instance.exports[fuelExport] as WebAssembly.Global<'i32'>;
        loaded.memory = exports.find((each) => each instanceof WebAssembly.Memory)!;
        bound(loaded.memory, () => loaded.mostMemory ?? Number.POSITIVE_INFINITY);
        receive(instance);
        return instance.exports;
      },
    });
    return Object.assign(loaded, { module: made }) as Loaded<M>;
  }
}

/** The decoding of one picture. */
interface Job<M> {
  readonly checkpoint: () => void;
  /** Bytes beyond which the decoder is refused more, which it answers as damage. */
  readonly memory: number;
  readonly decode: (module: M) => RgbaImage | null | Promise<RgbaImage>;
}

interface Loaded<M> {
  readonly module: M;
  readonly fuel: WebAssembly.Global<'i32'>;
  readonly memory: WebAssembly.Memory;
  checkpoint: () => void;
  mostMemory: number;
}

/** Lets a memory grow no further than a number of bytes. Emscripten's allocator asks for more through this method. */
function bound(memory: WebAssembly.Memory, most: () => number): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * 65_536 > most())
      throw new RangeError('the picture may take no more');
    return grow(pages);
  };
}
