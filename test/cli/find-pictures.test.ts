import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeHost } from '../../runtimes/node/host.ts';
import { cleanPath, type FindOptions, findPictures } from '../../src/cli/find-pictures.ts';

let folder: string;
const start = process.cwd();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phiz-'));
  // Paths as a person types them, from where the pictures are.
  process.chdir(folder);
  for (const path of [
    'photos/b.jpg',
    'photos/a.JPG',
    'photos/c.jfif',
    'photos/d.jpe',
    'photos/e.heic',
    'photos/notes.txt',
    'photos/._a.jpg',
    'photos/deep/er/f.png',
    '1/x.jpg',
    '2/x.jpg',
    'old/1/x.jpg',
    'noted/readme.md',
  ]) {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, '');
  }
  await symlink('../1/x.jpg', 'photos/link.jpg');
  await symlink('nowhere', 'photos/lost.jpg');
  await symlink('nowhere', 'photos/lost.txt');
  await symlink('../2', 'photos/linked');
  await symlink('..', 'photos/deep/round');
});
afterAll(async () => {
  process.chdir(start);
  await rm(folder, { recursive: true });
});

async function found(paths: string[], options?: FindOptions) {
  const list = [];
  for await (const each of findPictures(nodeHost, paths, options)) list.push(each);
  return list;
}

const below = [
  'a.JPG',
  'b.jpg',
  'c.jfif',
  'd.jpe',
  'deep/er/f.png',
  'e.heic',
  'link.jpg',
  'linked/x.jpg',
  'lost.jpg',
];

test.each(['photos', './photos', 'photos/', './/photos//'])('%s: its pictures, by name', async (path) => {
  const list = await found([path]);
  expect(list.map((each) => each.path)).toEqual(below.map((name) => `photos/${name}`));
  for (const each of list) {
    if (each.path === 'photos/lost.jpg') expect(each).toHaveProperty('problem');
    else expect(each).toHaveProperty('name', each.path.slice('photos/'.length));
  }
});

test('a link to a folder that it is in is not followed round and round', async () => {
  const list = await found(['photos/deep']);
  // Up to photos and down again once, and not into deep a second time.
  expect(list.map((each) => each.path)).toContain('photos/deep/round/a.JPG');
  expect(list.filter((each) => each.path.endsWith('f.png')).map((each) => each.path)).toEqual([
    'photos/deep/er/f.png',
  ]);
});

test.each([
  [['.'], ['1/x.jpg', '2/x.jpg', 'old/1/x.jpg']],
  [
    ['1', '2'],
    ['1/x.jpg', '2/x.jpg'],
  ],
  [
    ['1', 'old/1'],
    ['1/x.jpg', 'old/1/x.jpg'],
  ],
  [
    ['1/x.jpg', '2/x.jpg'],
    ['1/x.jpg', '2/x.jpg'],
  ],
  [
    ['1', '1', '../nowhere/../1'],
    ['1/x.jpg', '1~2/x.jpg'],
  ],
  [['1/x.jpg'], ['x.jpg']],
])('%j: each picture has a name of its own', async (paths, names) => {
  const list = await found(paths);
  const given = list.flatMap((each) => ('name' in each ? [each.name] : []));
  expect(given.filter((name) => name.endsWith('x.jpg') && !name.startsWith('photos'))).toEqual(names);
  expect(new Set(given).size).toBe(given.length);
});

test('what leads nowhere and what has no pictures is said, and the others are found', async () => {
  const empty: string[] = [];
  const list = await found(['1/x.jpg', 'nosuch', '1/x.jpg/y', 'noted', '2'], {
    onEmpty: (path) => empty.push(path),
  });
  expect(list.map((each) => each.path)).toEqual(['1/x.jpg', 'nosuch', '1/x.jpg/y', '2/x.jpg']);
  expect(list.filter((each) => 'problem' in each)).toHaveLength(2);
  expect(empty).toEqual(['noted']);
});

test('the folder that is written to is left out', async () => {
  const list = await found(['.'], { leaveOut: './photos' });
  expect(list.some(({ path }) => path.startsWith('photos/'))).toBe(false);
  expect(list).toHaveLength(3);
});

test.each([
  ['.', '.'],
  ['./', '.'],
  ['/', '/'],
  ['//a//b/', '/a/b'],
  ['././a', 'a'],
  ['../a/', '../a'],
  ['.hidden', '.hidden'],
])('%s is %s', (path, cleaned) => expect(cleanPath(path)).toBe(cleaned));
