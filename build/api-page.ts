import { defaultConfig } from '../src/config/load.ts';
import { errorTable } from '../src/errors.ts';
import { errorsOf, inJavaScript, inPython, propertiesOf } from '../src/server/docs.ts';
import { type Example, v1Example, v2Example } from '../src/server/examples.ts';
import { openApiDocument } from '../src/server/openapi.ts';
import { markdownTable } from './markdown-table.ts';

/** The page of docs/ about the API, from the schemas that check calls and type answers. */
export function apiPage(): string {
  const { paths, components } = openApiDocument(defaultConfig());
  const gets = Object.entries(paths).flatMap(([path, methods]) =>
    'get' in methods ? [[`\`GET ${path}\``, methods.get.summary]] : [],
  );
  const table = (schema: string) =>
    markdownTable(
      ['key', 'type', 'meaning'],
      propertiesOf(schema, components.schemas).map(([path, type, about]) => [
        `\`${path}\``,
        shortened(type),
        cell(about),
      ]),
    );
  return `# The API

<!-- Written by \`npm run docs\` from src/server: change it there. -->

A call is posted to \`/\` (v1) or \`/v2\`, as \`application/json\`, or as the part \`request\` of a \`multipart/form-data\` body whose other
parts are pictures. Both versions take the same call and find the same faces; the forms of their answers differ. A running service
has this page at \`/docs\`, with its own limits, and an OpenAPI document at \`/openapi.json\`.

## A call

A key that is \`null\` counts as left out. An unknown one is left out with a warning. Where keys are set (\`auth.keys\`), the header
\`Authorization: Bearer KEY\` is needed.

${table('Call')}

## The answer of v1

${exchange(v1Example, '')}

${table('Answer')}

## The answer of v2

${exchange(v2Example, 'v2')}

${table('ObjectsAnswer')}

## Warnings

\`warnings\` beside \`responses\` name each key and attribute of the call that nothing was made of, such as \`requests[0].need_agee: unknown,
did you mean need_age?\`. \`warnings\` inside a response are about its picture: how much of the file is missing. Both are absent where there
is nothing to say, and sentences for people: do not match their words.

## Reading a facen

It is base64 of little-endian 32-bit floats, of length 1: the cosine of two is the sum of their products.
[accuracy.md](accuracy.md#thresholds) says what a cosine means.

\`\`\`python
${inPython}
\`\`\`

\`\`\`js
${inJavaScript}
\`\`\`

## Errors

\`code\` is for programs, \`desc\` for people: it says what was expected and what came. An error of one request stands inside its response,
with status 200, and leaves the other requests alone:

${markdownTable(
  ['code', 'meaning'],
  errorsOf('request').map((code) => [`\`${code}\``, cell(errorTable[code].meaning)]),
)}

An error of the whole call is \`{"error": {"code": …, "desc": …}}\`, with its status:

${markdownTable(
  ['code', 'status', 'meaning'],
  errorsOf('call').map((code) => [
    `\`${code}\``,
    String(errorTable[code].status),
    cell(errorTable[code].meaning),
  ]),
)}

## Besides

${markdownTable(['path', 'what it answers'], gets)}
`;
}

/** A call by curl, and what comes back. */
function exchange({ call, answer }: Example, path: string): string {
  return `\`\`\`sh
curl -F sample=@sample.jpg \\
  -F 'request=${JSON.stringify(call)}' \\
  http://127.0.0.1:18666/${path}
\`\`\`

The vector and the picture are shortened:

\`\`\`json
${JSON.stringify(answer, undefined, 2)}
\`\`\``;
}

/** A type; of many texts that it may be, that it is one. */
const shortened = (type: string): string => (type.length > 100 ? 'string' : type);

/** Text inside a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|');
