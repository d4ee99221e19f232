import factory from '@jsquash/avif/codec/dec/avif_dec.js';
import { WasmDecoder } from '../wasm-decoder.ts';

/** In a module of its own, so that what a picture rarely needs is loaded when one does. */
export const createAvifDecoder = <M>(): WasmDecoder<M> => new WasmDecoder<M>(factory);
