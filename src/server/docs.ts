import type { JsonSchema } from '@valibot/to-json-schema';
import { type ErrorCode, errorTable } from '../errors.ts';
import type { OpenApiDocument } from './openapi.ts';

/** The OpenAPI document as one page that needs no script and no other host. */
export function docsPage({ info, paths, components }: OpenApiDocument): string {
  const call = paths['/'].post;
  const others = Object.entries(paths).flatMap(([path, methods]) =>
    'get' in methods ? [`<li><code>GET ${path}</code> ${text(methods.get.summary)}</li>`] : [],
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${info.title}: the API</title>
<style>${style}</style>
<main>
<h1>${info.title}</h1>
<p>${text(info.description)}</p>
<h2><code>POST /</code></h2>
<p>${text(call.description)}</p>
<p>Send the call below as <code>application/json</code>, or as the part <code>request</code> of a
<code>multipart/form-data</code> body whose other parts are pictures:</p>
<pre>${plain(example)}</pre>
<h3>Call</h3>
${table(components.schemas.Call!)}
<h3>Answer</h3>
${table(components.schemas.Answer!)}
<h2>Errors</h2>
<p>Of one request, inside its response: ${codes('request')}.</p>
<p>Of the whole call, as <code>{"error": {"code", "desc"}}</code>: ${codes('call')}.</p>
<h2>Also here</h2>
<ul>${others.join('')}</ul>
</main>
</html>
`;
}

const example = `curl -F sample=@sample.jpg \\
     -F 'request={"requests": [{"image": "multipart:sample", "need_facen": true, "need_age": true}]}' \\
     http://127.0.0.1:18666/`;

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
pre { overflow-x: auto; padding: 1rem; border: 1px solid #8886; border-radius: .5rem }
table { width: 100%; border-collapse: collapse }
th, td { padding: .4rem .6rem; border-bottom: 1px solid #8884; text-align: left; vertical-align: top }
`;

/** The properties of an object schema, nested ones under their dotted path. */
function table(schema: JsonSchema): string {
  const rows = properties(schema, '').map(
    ([path, type, about]) => `<tr><td><code>${plain(path)}</code><td>${plain(type)}<td>${text(about)}</tr>`,
  );
  return `<table><tr><th>Key<th>Type<th>Meaning</tr>${rows.join('\n')}</table>`;
}

type Row = [path: string, type: string, about: string];

function properties(schema: JsonSchema, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    if (typeof property === 'boolean') return [];
    const path = prefix + key;
    const row: Row = [path, typeName(property), property.description ?? ''];
    const items = property.items;
    const inner =
      items && typeof items === 'object' && !Array.isArray(items)
        ? properties(items, `${path}[].`)
        : properties(property, `${path}.`);
    return [row, ...inner];
  });
}

function typeName({ type, enum: options, default: preset }: JsonSchema): string {
  const name = options ? options.map((option) => JSON.stringify(option)).join(' or ') : String(type);
  return preset === undefined ? name : `${name}, default ${JSON.stringify(preset)}`;
}

function codes(scope: 'request' | 'call'): string {
  const inScope = (Object.keys(errorTable) as ErrorCode[]).filter((code) =>
    [scope, 'any'].includes(errorTable[code].scope),
  );
  return inScope
    .map((code) => `<code>${code}</code>${scope === 'call' ? ` (${errorTable[code].status})` : ''}`)
    .join(', ');
}

/** Prose with `code` in backticks. */
const text = (prose: string) => plain(prose).replace(/`([^`]*)`/g, '<code>$1</code>');

const plain = (raw: string) =>
  raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
