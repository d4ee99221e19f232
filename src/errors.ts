/**
 * The one table of error codes. Everything that can go wrong for a caller has a row here; the
 * contract's names are used throughout, so that an error needs no translation on its way out.
 */
export const errorTable = {
  // One picture or one request of a call: its neighbours are not affected.
  IMAGE_PART_MISSING: { scope: 'request', status: 200 },
  IMAGE_DECODING_FAILED: { scope: 'request', status: 200 },
  IMAGE_TOO_LARGE: { scope: 'request', status: 200 },
  IMAGE_FETCH_DISABLED: { scope: 'request', status: 200 },
  IMAGE_FETCH_FAILED: { scope: 'request', status: 200 },
  BAD_ROI: { scope: 'request', status: 200 },
  AUTO_ROTATE_UNAVAILABLE: { scope: 'request', status: 200 },
  MODEL_UNAVAILABLE: { scope: 'request', status: 200 },
  TIMEOUT: { scope: 'request', status: 200 },
  // The whole call.
  BAD_REQUEST: { scope: 'call', status: 400 },
  UNAUTHORIZED: { scope: 'call', status: 401 },
  NOT_FOUND: { scope: 'call', status: 404 },
  METHOD_NOT_ALLOWED: { scope: 'call', status: 405 },
  BODY_TOO_LARGE: { scope: 'call', status: 413 },
  UNSUPPORTED_MEDIA_TYPE: { scope: 'call', status: 415 },
  OVERLOADED: { scope: 'call', status: 503 },
  // Either: 200 inside a response, 500 for a call.
  INTERNAL: { scope: 'any', status: 500 },
} as const;

export type ErrorCode = keyof typeof errorTable;

/** An expected failure with a code from {@link errorTable}; `message` is what the caller reads. */
export class PhizError extends Error {
  override readonly name = 'PhizError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
