import type { JsonSchema } from '@valibot/to-json-schema';
import { type ErrorCode, errorTable } from '../errors.ts';
import { type Example, v1Example, v2Example } from './examples.ts';
import type { OpenApiDocument } from './openapi.ts';

/** The OpenAPI document as one page that needs no script and no other host. */
export function docsPage({ info, paths, components, security }: OpenApiDocument): string {
  const { schemas } = components;
  const gets = Object.entries(paths).flatMap(([path, methods]) =>
    'get' in methods
      ? [`<li><a href=".${path}"><code>GET ${path}</code></a> ${text(methods.get.summary)}</li>`]
      : [],
  );
  const key = security.length > 0 ? " \\\n     -H 'Authorization: Bearer KEY'" : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}: the API</title>
<style>${style}</style>
<main>
<h1>${info.title}</h1>
<p>${text(info.description)}</p>
<nav><a href="#v1"><code>POST /</code></a> <a href="#v2"><code>POST /v2</code></a> <a href="#request">Request</a>
<a href="#facen">Facens</a> <a href="#errors">Errors</a> <a href="#more">Also here</a></nav>
<h2 id="v1"><code>POST /</code></h2>
<p>${text(paths['/'].post.description)}</p>
<p>Send the call as <code>application/json</code>, or as the part <code>request</code> of a
<code>multipart/form-data</code> body whose other parts are pictures:</p>
${exchange(v1Example, '', key)}
<h3>Answer</h3>
${table('Answer', schemas)}
<h2 id="v2"><code>POST /v2</code></h2>
<p>${text(paths['/v2'].post.description)}</p>
${exchange(v2Example, 'v2', key)}
<h3>Answer</h3>
${table('ObjectsAnswer', schemas)}
<h2 id="request">Request</h2>
<p>The same for both. ${text(schemas.Request!.description!)}</p>
${table('Call', schemas)}
<h2 id="facen">Reading a facen</h2>
<p>It is base64 of little-endian 32-bit floats, of length 1: the cosine of two is the sum of their products.</p>
<pre>${plain(inPython)}</pre>
<pre>${plain(inJavaScript)}</pre>
<h2 id="errors">Errors</h2>
<h3>Of one request, inside its response</h3>
${errors('request')}
<h3>Of the whole call, as <code>{"error": {"code", "desc"}}</code></h3>
${errors('call')}
<h2 id="more">Also here</h2>
<ul>${gets.join('\n')}</ul>
</main>
</html>
`;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem }
a { color: LinkText }
pre { overflow-x: auto; overflow-wrap: normal; padding: 1rem; border: 1px solid #8886; border-radius: .5rem }
table { width: 100%; border-collapse: collapse }
th, td { padding: .4rem .6rem; border-bottom: 1px solid #8884; text-align: left; vertical-align: top }
@media (max-width: 40rem) {
  tr { display: block; padding: .4rem 0; border-bottom: 1px solid #8884 }
  tr:has(th) { display: none }
  td { display: block; padding: 0 .2rem; border: 0 }
}
`;

export const inPython = `# Python
import base64, struct

def read_facen(text):
    packed = base64.b64decode(text)
    return struct.unpack(f"<{len(packed) // 4}f", packed)

def cosine(one, other):
    return sum(a * b for a, b in zip(one, other))`;

export const inJavaScript = `// JavaScript
function readFacen(text) {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

const cosine = (one, other) => one.reduce((sum, value, i) => sum + value * other[i], 0);`;

/** A call by curl, and what comes back. */
function exchange({ call, answer }: Example, path: string, key: string): string {
  const curl = `curl -F sample=@sample.jpg \\\n     -F 'request=${JSON.stringify(call)}'${key} \\\n     http://127.0.0.1:18666/${path}`;
  return `<pre>${plain(curl)}</pre>
<p>is answered with (the vector and the picture are shortened):</p>
<pre>${plain(JSON.stringify(answer, undefined, 2))}</pre>`;
}

type Schemas = Readonly<Record<string, JsonSchema>>;

function table(name: string, schemas: Schemas): string {
  const rows = propertiesOf(name, schemas).map(
    ([path, type, about]) => `<tr><td><code>${plain(path)}</code><td>${plain(type)}<td>${text(about)}</tr>`,
  );
  return `<table><tr><th>Key<th>Type<th>Meaning</tr>${rows.join('\n')}</table>`;
}

type Row = [path: string, type: string, about: string];

/** The properties of a named object schema, nested ones under their dotted path. */
export const propertiesOf = (name: string, schemas: Schemas): Row[] =>
  properties(schemas[name]!, '', schemas);

function properties(schema: JsonSchema, prefix: string, schemas: Schemas): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const path = prefix + key;
    const forms = formsOf(property, schemas);
    const about = forms.map(({ description = '' }) => description).find((each) => each !== '') ?? '';
    const row: Row = [path, forms.map(typeName).join(' or '), about];
    const inner = forms.flatMap((form) => {
      if (typeof form.items !== 'object') return properties(form, `${path}.`, schemas);
      return formsOf(form.items as JsonSchema, schemas).flatMap((item) =>
        properties(item, `${path}[].`, schemas),
      );
    });
    return [row, ...inner];
  });
}

/** The forms of a value: those of a union one by one, references followed. */
function formsOf(schema: JsonSchema | boolean, schemas: Schemas): JsonSchema[] {
  if (typeof schema === 'boolean') return [];
  const { $ref, anyOf, ...own } = schema;
  if (anyOf) return anyOf.flatMap((each) => formsOf(each, schemas));
  return [$ref ? { ...schemas[$ref.slice($ref.lastIndexOf('/') + 1)], ...own } : own];
}

function typeName({ type, enum: options }: JsonSchema): string {
  return options ? options.map((option) => JSON.stringify(option)).join(' or ') : String(type);
}

function errors(scope: 'request' | 'call'): string {
  const rows = errorsOf(scope).map((code) => {
    const { status, meaning } = errorTable[code];
    const shown = scope === 'call' ? `<td>${status}` : '';
    return `<tr><td><code>${code}</code>${shown}<td>${text(meaning)}</tr>`;
  });
  const head = scope === 'call' ? '<th>Code<th>Status<th>Meaning' : '<th>Code<th>Meaning';
  return `<table><tr>${head}</tr>${rows.join('\n')}</table>`;
}

/** The codes that a request, or a whole call, may be answered with. */
export const errorsOf = (scope: 'request' | 'call'): ErrorCode[] =>
  (Object.keys(errorTable) as ErrorCode[]).filter((code) => [scope, 'any'].includes(errorTable[code].scope));

/** Prose with `code` in backticks. */
const text = (prose: string) => plain(prose).replace(/`([^`]*)`/g, '<code>$1</code>');

const plain = (raw: string) =>
  raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
