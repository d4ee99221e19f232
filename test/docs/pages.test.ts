import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { libraryPage } from '../../build/library-page.ts';
import { madePages } from '../../build/made-pages.ts';
import { describedSections, inYaml } from '../../src/config/describe-config.ts';
import { verdictOf } from '../../src/face/verdict.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

/** Of the project, new ones among them. */
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(new URL(path, root)));

test('the pages that are made say what the code says: npm run docs', async () => {
  for (const [path, text] of await madePages(root)) expect(await read(path), path).toBe(text);
});

test('the page of the library has every name that can be imported, and says what it is', async () => {
  const page = await libraryPage(root);
  for (const name of Object.keys(await import('../../runtimes/node/index.ts'))) {
    expect(page).toContain(`\n### \`${name}\`\n`);
  }
  const undocumented = [...page.matchAll(/^###+ `(\w+)`\n\n```/gm)].map(([, name]) => name);
  expect(undocumented).toEqual([]);
});

test('every link between the pages leads somewhere', async () => {
  const lost: string[] = [];
  for (const page of pages) {
    for (const link of linksOf(await read(page))) {
      const [path, anchor] = link.split('#') as [string, string?];
      const target = path === '' ? page : join(dirname(page), path);
      const found = existsSync(fileURLToPath(new URL(target, root)));
      const anchored = !anchor || (found && anchorsOf(await read(target)).includes(anchor));
      if (!found || !anchored) lost.push(`${page}: ${link}`);
    }
  }
  expect(lost).toEqual([]);
});

test('the keys of the README have the defaults that stand there', async () => {
  const described = describedSections().flatMap(({ name, keys }) =>
    keys.map(({ key, preset }) => [name ? `${name}.${key}` : key, inYaml(preset)] as const),
  );
  const table = /^\| key .*(\n\|.*)*/m.exec(await read('README.md'))![0];
  const told = [...table.matchAll(/^\| `([^`]+)` +\| `([^`]+)`/gm)].map(([, key, preset]) => [key, preset]);
  expect(told.length).toBeGreaterThan(3);
  for (const [key, preset] of told) expect(described).toContainEqual([key, preset]);
});

test('the cosines of pages are those of the vectors that ship', async () => {
  const { thresholds } = JSON.parse(await read('models/mobilefacenet/with-face-recognition.json'));
  expect(thresholds.findface).toEqual({ '1%': 0.702, '0.1%': 0.75, '0.01%': 0.782 });
  const words = [0.798, 0.797, 0.702, 0.701].map((cosine) => verdictOf(cosine, thresholds.findface).verdict);
  expect(words).toEqual(['same person', 'unsure', 'unsure', 'different people']);
});

/** Addresses of links and pictures, those of other hosts left out. */
function linksOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image!,
  );
  return links.filter((link) => !/^\w+:/.test(link));
}

/** Headings as GitHub names them. */
function anchorsOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
