/**
 * The one table of error codes. Everything that can go wrong for a caller has a row here; the
 * contract's names are used throughout, so that an error needs no translation on its way out.
 */
export const errorTable = {
  // One picture or one request of a call: its neighbours are not affected.
  IMAGE_PART_MISSING: {
    scope: 'request',
    status: 200,
    meaning: '`image` names a part that the body does not have; the sentence names those that it has.',
  },
  IMAGE_DECODING_FAILED: {
    scope: 'request',
    status: 200,
    meaning: 'What came is no picture, a damaged one, or one of a format that is not read.',
  },
  IMAGE_TOO_LARGE: {
    scope: 'request',
    status: 200,
    meaning: 'The picture has more pixels than `max_dimension` or `max_pixels` allow.',
  },
  IMAGE_FETCH_DISABLED: {
    scope: 'request',
    status: 200,
    meaning: 'Pictures are not fetched here: send them in the body.',
  },
  IMAGE_FETCH_FAILED: {
    scope: 'request',
    status: 200,
    meaning:
      'The picture at the URL could not be had: its server did not answer, refused, sent too much, or has an address that is not public.',
  },
  BAD_ROI: {
    scope: 'request',
    status: 200,
    meaning: '`roi` is empty or has no pixel in common with the picture.',
  },
  AUTO_ROTATE_UNAVAILABLE: {
    scope: 'request',
    status: 200,
    meaning: '`auto_rotate` needs the detector `nnd` and `quality_estimator: true` in the configuration.',
  },
  MODEL_UNAVAILABLE: {
    scope: 'request',
    status: 200,
    meaning: 'There is no such detector, or the network of what was asked for is switched off.',
  },
  TIMEOUT: { scope: 'request', status: 200, meaning: 'No result within `limits.timeout`.' },
  // The whole call.
  BAD_REQUEST: {
    scope: 'call',
    status: 400,
    meaning: 'The body is no call; the sentence says where, and what was expected.',
  },
  UNAUTHORIZED: {
    scope: 'call',
    status: 401,
    meaning: 'The header `Authorization: Bearer <key>` with a valid key is missing.',
  },
  FORBIDDEN: {
    scope: 'call',
    status: 403,
    meaning: 'The header `Host` names another machine: see `allowed_hosts` in the configuration.',
  },
  NOT_FOUND: { scope: 'call', status: 404, meaning: 'There is nothing at this path.' },
  METHOD_NOT_ALLOWED: {
    scope: 'call',
    status: 405,
    meaning: 'The path is answered, but not this method: see the header `Allow`.',
  },
  BODY_TOO_LARGE: { scope: 'call', status: 413, meaning: 'The body is larger than `limits` allow.' },
  UNSUPPORTED_MEDIA_TYPE: {
    scope: 'call',
    status: 415,
    meaning: 'The body is neither `application/json` nor `multipart/form-data`, or it is compressed.',
  },
  OVERLOADED: {
    scope: 'call',
    status: 503,
    meaning: 'Too much is at work: try again after the seconds of the header `Retry-After`.',
  },
  // Either: 200 inside a response, 500 for a call.
  INTERNAL: {
    scope: 'any',
    status: 500,
    meaning: 'A fault of ours: the log has it under the `X-Request-Id` of the answer.',
  },
} as const;

/** The kind of a failure, for programs: see {@link errorTable}. */
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

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
