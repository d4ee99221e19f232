import { type JsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { Config } from '../config/schema.ts';
import { type ErrorCode, errorTable } from '../errors.ts';
import {
  answerSchema,
  errorSchema,
  faceSchema,
  failureSchema,
  objectFaceSchema,
  objectsAnswerSchema,
  objectsResponseSchema,
  responseSchema,
} from './answer-schema.ts';
import { type Example, v1Example, v2Example } from './examples.ts';
import { callSchema, requestSchema, roiSchema } from './request-schema.ts';

/** By the names that programs made of the document give them. */
const schemas = {
  Call: callSchema,
  Request: requestSchema,
  Roi: roiSchema,
  Answer: answerSchema,
  Response: responseSchema,
  Face: faceSchema,
  ObjectsAnswer: objectsAnswerSchema,
  ObjectsResponse: objectsResponseSchema,
  ObjectFace: objectFaceSchema,
  Error: errorSchema,
  Failure: failureSchema,
};

/** The part of the configuration that the document tells. */
export type DescribedConfig = Pick<Config, 'limits' | 'auth'>;

/** The service described in OpenAPI 3.1, all shapes from the schemas that check and type them. */
export function openApiDocument({ limits, auth }: DescribedConfig) {
  const guarded = auth.keys.length > 0;
  /** Of what needs no key. */
  const open = { security: [] };
  const openWhere = (name: Config['auth']['open'][number]) => (auth.open.includes(name) ? open : {});
  const bounds = `A body of up to ${mebibytes(limits.body_size)} with up to ${limits.requests} requests. One request failing does not fail the others: its response has an \`error\` instead of faces.`;
  return {
    openapi: '3.1.0',
    info: {
      title: 'phiz',
      version: '2',
      description: 'Faces in pictures: box, feature vector, gender, age, emotions, normalised face.',
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'phiz', url: 'https://www.npmjs.com/package/phiz' },
    },
    servers: [{ url: '/', description: 'This service.' }],
    security: guarded ? [{ key: [] }] : [],
    tags: [
      { name: 'extraction', description: 'Faces in pictures.' },
      { name: 'operation', description: 'How the service is, and what it can.' },
    ],
    paths: {
      '/': {
        post: extraction('extract', 'Extract faces', bounds, 'Answer', v1Example),
        get: simpleGet(
          'page',
          'A page to try it on, for whoever accepts HTML',
          'text/html',
          '<!doctype html>…',
          open,
        ),
      },
      '/v2': {
        post: extraction(
          'extractObjects',
          'Extract faces, answered by kind of object',
          `The same as \`POST /\` in the form of the later versions: attributes have unified names, and \`detection_score\` is always the confidence. ${bounds}`,
          'ObjectsAnswer',
          v2Example,
        ),
      },
      '/openapi.json': {
        get: simpleGet(
          'openapi',
          'The OpenAPI document',
          'application/json',
          { openapi: '3.1.0', info: { title: 'phiz' } },
          openWhere('docs'),
        ),
      },
      '/docs': {
        get: simpleGet('docs', 'The API, for people', 'text/html', '<!doctype html>…', openWhere('docs')),
      },
      '/health': {
        get: simpleGet(
          'health',
          'Whether the process is alive',
          'application/json',
          { status: 'alive' },
          open,
        ),
      },
      '/ready': {
        get: simpleGet(
          'ready',
          'Whether networks are loaded and calls are accepted, and what facens are',
          'application/json',
          {
            ready: true,
            detail: '4 of 4 instances loaded',
            facens: {
              networks: ['mobilefacenet', 'face-recognition'],
              version: 2,
              numbers: 320,
              scale: 'findface',
              thresholds: { '1%': 0.7, '0.1%': 0.75, '0.01%': 0.78 },
            },
          },
          openWhere('ready'),
        ),
      },
      '/metrics': {
        get: simpleGet(
          'metrics',
          "Counters in Prometheus' text format",
          'text/plain',
          '# TYPE phiz_faces_total counter\nphiz_faces_total 12\n',
          openWhere('metrics'),
        ),
      },
    },
    components: {
      ...(guarded && {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'One of `auth.keys` of the configuration.' },
        },
      }),
      schemas: plainSchemas(),
    },
  };
}

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

const reference = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` });

/** One way to post a call. */
function extraction(
  operationId: string,
  summary: string,
  description: string,
  answer: 'Answer' | 'ObjectsAnswer',
  example: Example,
) {
  return {
    operationId,
    tags: ['extraction'],
    summary,
    description,
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: reference('Call'), example: overJson(example.call) },
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: { request: reference('Call') },
            required: ['request'],
            additionalProperties: {
              type: 'string',
              description: 'A picture, addressed as `multipart:<part name>`.',
              contentMediaType: 'application/octet-stream',
            },
          },
          encoding: { request: { contentType: 'application/json' } },
          example: { request: example.call, sample: 'the bytes of sample.jpg' },
        },
      },
    },
    responses: {
      200: {
        description: 'The responses, in the order of the requests.',
        content: {
          'application/json': { schema: reference(answer), example: example.answer },
          'application/vnd.msgpack': { schema: reference(answer) },
        },
      },
      ...failures('call'),
    },
  };
}

/** The call with a picture that needs no part. */
function overJson({ requests }: Example['call']): Example['call'] {
  return { requests: requests.map((request) => ({ ...request, image: 'https://example.com/sample.jpg' })) };
}

function plainSchemas(): Record<string, JsonSchema> {
  const definitions = toJsonSchemaDefs(schemas, {
    target: 'draft-2020-12',
    typeMode: 'input',
    // Finite is the only kind of number that JSON has.
    ignoreActions: ['finite'],
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  return Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, withToldDefaults(schema)]),
  );
}

/**
 * The same with defaults told in prose: generators of clients make what has a `default` a property
 * that must be given.
 */
function withToldDefaults<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withToldDefaults) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const { default: preset, ...rest } = value as JsonSchema;
  const plain = Object.fromEntries(
    Object.entries(rest).map(([key, inner]) => [key, withToldDefaults(inner)]),
  );
  if (preset === undefined) return plain as Value;
  const told = [rest.description, `Default: \`${JSON.stringify(preset)}\`.`].filter(Boolean).join(' ');
  return { ...plain, description: told } as Value;
}

/** One answer per status, with the codes that it stands for. */
function failures(scope: 'call' | 'get') {
  const codes = (Object.keys(errorTable) as ErrorCode[]).filter((code) => {
    if (scope === 'get') return code === 'UNAUTHORIZED' || code === 'INTERNAL';
    return errorTable[code].status !== 200;
  });
  return Object.fromEntries(
    codes.map((code) => [
      errorTable[code].status,
      {
        description: `\`${code}\`: ${errorTable[code].meaning}`,
        content: {
          'application/json': {
            schema: reference('Failure'),
            example: { error: { code, desc: errorTable[code].meaning } },
          },
        },
      },
    ]),
  );
}

function simpleGet(
  operationId: string,
  summary: string,
  type: string,
  example: unknown,
  security: { readonly security?: readonly [] | never[] } = {},
) {
  return {
    operationId,
    tags: ['operation'],
    summary,
    description: `${summary}.`,
    ...security,
    responses: {
      200: {
        description: summary,
        content: { [type]: { schema: { type: typeof example }, example } },
      },
      ...failures('get'),
    },
  };
}

/** Bytes for people, in whole MiB or as they are. */
function mebibytes(bytes: number): string {
  const whole = bytes / 1024 ** 2;
  return Number.isInteger(whole) ? `${whole} MiB` : `${bytes} bytes`;
}
