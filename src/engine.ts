import type { Extraction, ExtractOptions, Outcome } from './pipeline/extraction.ts';
import type { Ticket } from './pool/admission.ts';
import type { PictureFile } from './pool/picture-bytes.ts';

/** Options of one call. */
export interface CallOptions {
  /** Stops the work (not only the waiting) when it aborts. */
  readonly signal?: AbortSignal;
  /** The place of the call that this picture belongs to; without one, the picture is a call. */
  readonly ticket?: Ticket;
  /** What the work on the picture is expected to cost, where that is known; else it is estimated anew. */
  readonly price?: number;
}

/** Pictures in, faces out. The server and the command line are clients of this. */
export interface Engine {
  /**
   * The faces of one encoded picture: the bytes of a file of any format that is read.
   * @throws PhizError with a code from the table in errors.ts; TypeError where an option or an attribute is not known,
   * or where the picture is no file's bytes.
   */
  extract(picture: PictureFile, options?: ExtractOptions, call?: CallOptions): Promise<Extraction>;
  /** Several requests on one picture, which is decoded once. Rejects with a TypeError only: see {@link Outcome}. */
  extractAll(
    picture: PictureFile,
    requests: readonly ExtractOptions[],
    call?: CallOptions,
  ): Promise<Outcome[]>;
  /** Frees networks and threads; answers what was accepted first. */
  close(): Promise<void>;
}
