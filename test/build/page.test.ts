import { expect, test } from 'vitest';
import { sourceLinks } from '../../build/page.ts';

test('the page links its source and networks where package.json says where they are', () => {
  expect(sourceLinks({ name: 'phiz' })).toBe('');
  const links = sourceLinks({
    name: 'phiz',
    repository: { url: 'git+https://example.com/someone/phiz.git' },
  });
  expect(links).toContain('href="https://example.com/someone/phiz"');
  expect(links).toContain('href="https://example.com/someone/phiz/blob/HEAD/docs/models.md"');
});
