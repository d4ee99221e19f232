import { readFile } from 'node:fs/promises';
import { parseAst } from 'rolldown/parseAst';

/**
 * The page of docs/ about the library: each name that its entries export, with its docstring and its
 * declaration, as the sources have them.
 */

/** Parts of the page: an entry, and what to say of it. */
const entries = [
  { file: 'runtimes/node/index.ts', title: 'phiz', about: 'On Node, Bun and Deno, which export the same.' },
  {
    file: 'runtimes/browser/index.ts',
    title: 'phiz/browser',
    about: 'In a page, which serves `node_modules/phiz/dist`. Besides what `phiz` has, except `openNetwork`:',
  },
  {
    file: 'runtimes/edge/handler.ts',
    title: 'phiz/edge',
    about: 'The service as a `fetch` handler, where there are neither sockets nor threads nor files.',
  },
] as const;

/** Declarations that an exported one refers to, and that are worth showing after it: their files and names. */
const besides: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  EngineOptions: {
    InstanceSettings: 'src/pipeline/settings.ts',
    ModelIds: 'src/pipeline/settings.ts',
    AttributeModels: 'src/pipeline/settings.ts',
    FaceSizes: 'src/detect/plan.ts',
  },
  Face: {
    FoundFace: 'src/face/face.ts',
    EmotionLabel: 'src/face/face.ts',
    FivePoints: 'src/detect/detector.ts',
  },
  ExtractOptions: {
    FacesOrder: 'src/pipeline/extraction.ts',
    ChipForm: 'src/pipeline/extraction.ts',
  },
};

/** A name that can be imported, or that one of these is made of. */
interface Declared {
  readonly doc: string;
  /** Without comments at its head; of a function its head alone. */
  readonly code: string;
}

/** @param root the folder of the project, as a URL that ends with a slash */
export async function libraryPage(root: URL): Promise<string> {
  const shown = new Set<string>();
  const parts: string[] = [];
  for (const { file, title, about } of entries) {
    const sections: string[] = [];
    for (const [name, source] of await exportsOf(new URL(file, root))) {
      // What one entry has of another is told once; each has a createEngine of its own.
      if (shown.has(name) && name !== 'createEngine') continue;
      shown.add(name);
      sections.push(section(await declarationOf(name, source), `### \`${name}\``));
      for (const [inner, path] of Object.entries(besides[name] ?? {})) {
        sections.push(section(await declarationOf(inner, new URL(path, root)), `#### \`${inner}\``));
      }
    }
    parts.push(`## \`${title}\`\n\n${about}\n\n${sections.join('\n\n')}`);
  }
  return `# The library

<!-- Written by \`npm run docs\` from the sources: change it there. -->

\`\`\`js
// faces.mjs
import { readFile } from 'node:fs/promises';
import { createEngine, PhizError } from 'phiz';

const engine = await createEngine({ faces: { least: 60, most: Infinity } });
try {
  const { width, height, faces } = await engine.extract(await readFile('photo.jpg'), {
    attributes: ['age', 'embedding'],
    order: 'size',
  });
  console.log(\`\${width}×\${height}, \${faces.length} faces\`);
  for (const { box, age, embedding } of faces) console.log(box, age, embedding.length);
} catch (error) {
  // What is wrong with a picture has a code; docs/api.md lists them.
  if (!(error instanceof PhizError)) throw error;
  console.error(error.code, error.message);
} finally {
  await engine.close();
}
\`\`\`

An engine has networks in threads, one set for each core, and stays until it is closed: make one, and keep it. Calls may overlap; each
picture is its own. [examples/](../examples/README.md) has more programs, [install.md](install.md#npm) how to install it,
[models.md](models.md) the ids of networks.

${parts.join('\n\n')}
`;
}

function section({ doc, code }: Declared, heading: string): string {
  const { about, example } = parted(doc);
  const text = [about, example && `\`\`\`ts\n${example}\n\`\`\``, `\`\`\`ts\n${code}\n\`\`\``];
  return [heading, ...text].filter(Boolean).join('\n\n');
}

/** A docstring as Markdown: its tags become sentences, its example is apart. */
function parted(doc: string): { about: string; example: string } {
  const [about = '', example = ''] = doc.split(/^@example\n/m);
  const [code = '', ...rest] = example.split(/\n(?=@)/);
  const prose = [about, ...rest]
    .join('\n')
    .replace(/^@param (\S+) /gm, '\n`$1`: ')
    .replace(/^@throws /gm, '\nThrows ')
    .replace(/^@returns /gm, '\nReturns ');
  return { about: prose.replace(/\n{3,}/g, '\n\n').trim(), example: code.trim() };
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Named extends Node {
  readonly name: string;
}

interface Statement extends Node {
  readonly declaration?:
    | (Node & {
        readonly id?: Named;
        readonly body?: Node;
        readonly declarations?: readonly { readonly id: Named }[];
      })
    | null;
  readonly source?: { readonly value: string } | null;
  readonly specifiers?: readonly { readonly exported: Named }[];
}

async function statementsOf(file: URL): Promise<{ text: string; statements: readonly Statement[] }> {
  const text = await readFile(file, 'utf8');
  return { text, statements: parseAst(text, { lang: 'ts' }).body as unknown as readonly Statement[] };
}

/** Each exported name with the file that its export leads to, in the order of the file; functions of its own first. */
async function exportsOf(file: URL): Promise<Map<string, URL>> {
  const { statements } = await statementsOf(file);
  const own = new Map<string, URL>();
  const others = new Map<string, URL>();
  for (const { type, source, specifiers = [], declaration } of statements) {
    if (type === 'ExportAllDeclaration') {
      for (const [name, from] of await exportsOf(new URL(source!.value, file))) others.set(name, from);
    } else if (type === 'ExportNamedDeclaration') {
      for (const { exported } of specifiers) others.set(exported.name, new URL(source!.value, file));
      for (const name of namesOf(declaration)) own.set(name, file);
    }
  }
  return new Map([...own, ...[...others].filter(([name]) => !own.has(name))]);
}

const namesOf = (declaration: Statement['declaration']): string[] =>
  [declaration?.id, ...(declaration?.declarations ?? []).map(({ id }) => id)].flatMap((id) =>
    id ? [id.name] : [],
  );

/** @throws Error where the file does not declare the name */
async function declarationOf(name: string, file: URL): Promise<Declared> {
  const { text, statements } = await statementsOf(file);
  const found = statements.find(({ declaration }) => namesOf(declaration).includes(name));
  if (found) {
    const { declaration, start } = found;
    const doc = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, start))?.[1] ?? '';
    const isFunction = declaration!.type === 'FunctionDeclaration';
    const end = isFunction ? declaration!.body!.start : found.end;
    return {
      doc: plain(doc),
      code: `${withoutLinks(text.slice(start, end))
        .trim()
        .replace(/^export (default )?/, '')}${isFunction ? ';' : ''}`,
    };
  }
  throw new Error(`${file.pathname} has no ${name}`);
}

/** The text of a docstring, without its asterisks. */
const plain = (doc: string): string =>
  withoutLinks(doc)
    .replace(/^[ \t]*\* ?/gm, '')
    .trim();

const withoutLinks = (text: string): string => text.replace(/\{@link ([^}]*)\}/g, '`$1`');
