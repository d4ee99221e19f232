import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import { type ErrorCode, errorTable } from '../errors.ts';
import { answerSchema, failureSchema } from './answer-schema.ts';
import { callSchema } from './request-schema.ts';

const schemas = { Call: callSchema, Answer: answerSchema, Failure: failureSchema };

/** The service described in OpenAPI 3.1, all shapes from the schemas that check and type them. */
export function openApiDocument(limits: { readonly body_size: number; readonly requests: number }) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'phiz',
      version: '1',
      description: 'Faces in pictures: box, feature vector, gender, age, emotions, normalised face.',
    },
    paths: {
      '/': {
        post: {
          operationId: 'extract',
          summary: 'Extract faces',
          description: `A body of up to ${limits.body_size} bytes with up to ${limits.requests} requests. One request failing does not fail the others: its response has an \`error\` instead of faces.`,
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: reference('Call') },
              'multipart/form-data': {
                schema: {
                  type: 'object',
                  properties: { request: reference('Call') },
                  required: ['request'],
                  additionalProperties: {
                    description: 'A picture, addressed as `multipart:<part name>`.',
                    contentMediaType: 'application/octet-stream',
                  },
                },
                encoding: { request: { contentType: 'application/json' } },
              },
            },
          },
          responses: {
            200: {
              description: 'The responses, in the order of the requests.',
              content: {
                'application/json': { schema: reference('Answer') },
                'application/vnd.msgpack': { schema: reference('Answer') },
              },
            },
            ...failures(),
          },
        },
        get: simpleGet('A page to try it on, for whoever accepts HTML', 'text/html'),
      },
      '/openapi.json': { get: simpleGet('This document', 'application/json') },
      '/docs': { get: simpleGet('This document for people', 'text/html') },
      '/health': { get: simpleGet('Whether the process is alive', 'application/json') },
      '/ready': { get: simpleGet('Whether networks are loaded and calls are accepted', 'application/json') },
      '/metrics': { get: simpleGet("Counters in Prometheus' text format", 'text/plain') },
    },
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, toPlainSchema(schema)]),
      ),
    },
  };
}

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

const reference = (name: keyof typeof schemas) => ({ $ref: `#/components/schemas/${name}` });

function toPlainSchema(schema: (typeof schemas)[keyof typeof schemas]): JsonSchema {
  const { $schema: _, ...plain } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    // Finite is the only kind of number that JSON has.
    ignoreActions: ['finite'],
  });
  return plain;
}

/** One answer per status, with the codes that it stands for. */
function failures() {
  const codes = (Object.keys(errorTable) as ErrorCode[]).filter((code) => errorTable[code].status !== 200);
  return Object.fromEntries(
    codes.map((code) => [
      errorTable[code].status,
      { description: code, content: { 'application/json': { schema: reference('Failure') } } },
    ]),
  );
}

const simpleGet = (summary: string, type: string) => ({
  summary,
  responses: { 200: { description: summary, content: { [type]: {} } } },
});
