import { apiPage } from './api-page.ts';
import { configurationPage } from './configuration-page.ts';
import { libraryPage } from './library-page.ts';

/** The pages that are made from the code, by their paths. */
export async function madePages(root: URL): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/api.md', apiPage()],
    ['docs/library.md', await libraryPage(root)],
  ]);
}
