import AxeBuilder from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import type { JsonResponse } from '../../runtimes/browser/page/service.ts';

/** The page as a person uses it, and what went wrong meanwhile. */
export class PageDriver {
  readonly page: Page;
  /** Errors of scripts and of the content policy, and hosts besides the page's own. */
  readonly faults: string[] = [];

  private constructor(page: Page, url: string) {
    this.page = page;
    const { host } = new URL(url);
    page.on('pageerror', ({ message }) => this.faults.push(message));
    page.on('console', (message) => {
      // A static host has no /health, which the page asks for to know whether there is a server.
      if (message.type() === 'error' && !message.location().url.endsWith('/health')) {
        this.faults.push(message.text());
      }
    });
    page.on('request', (request) => {
      const asked = new URL(request.url());
      if (/^https?:/.test(asked.protocol) && asked.host !== host) this.faults.push(asked.href);
    });
  }

  static async open(context: BrowserContext, url: string): Promise<PageDriver> {
    const driver = new PageDriver(await context.newPage(), url);
    await driver.page.goto(url);
    // It begins with a sample.
    await driver.answer();
    return driver;
  }

  /** Resolves with what is said of the engine when the networks are loaded. */
  async engine(): Promise<string> {
    await this.page.waitForFunction(() =>
      /thread/.test(document.querySelector('#engine-facts')?.textContent ?? ''),
    );
    return (await this.page.textContent('#engine-facts')) ?? '';
  }

  async pickSample(number: number): Promise<void> {
    await this.page.click(`#samples li:nth-child(${number}) button`);
  }

  /** Chooses a file of these bytes, of a type that says nothing. */
  async choose(name: string, bytes: Uint8Array): Promise<void> {
    const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
    await this.page.setInputFiles('#file', file);
  }

  /** Waits for the answer to what was done last. */
  async answer(): Promise<JsonResponse> {
    // Read by the check itself: the page may empty it in the next moment.
    const text = await this.page.waitForFunction(
      () => !document.body.matches('.busy') && document.querySelector('#answer')?.textContent,
    );
    return JSON.parse(String(await text.jsonValue())).responses[0];
  }

  /** Does something, once the page has done what was asked before, and waits for the answer to it. */
  async answerTo(act: () => Promise<unknown>): Promise<JsonResponse> {
    await this.page.waitForFunction(() => {
      if (document.body.matches('.busy')) return false;
      document.querySelector('#answer')?.replaceChildren();
      return true;
    });
    await act();
    return this.answer();
  }

  /** What axe finds that is serious or critical. */
  async accessibilityFaults(): Promise<string[]> {
    // Not as a script of the page, whose policy forbids that.
    await this.page.evaluate(AxeBuilder.source);
    return this.page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof AxeBuilder }).axe.run();
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    });
  }
}
