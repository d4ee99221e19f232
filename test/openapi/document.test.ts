import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectral from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { openApiDocument } from '../../src/server/openapi.ts';

/** The document of a service with this configuration, as it is sent. */
function documentOf(config: string) {
  return JSON.stringify(openApiDocument(loadConfig({ name: 'test', text: config }).config));
}

describe.each([
  ['without keys', ''],
  ['with keys', 'auth: { keys: [secret], open: [metrics] }'],
])('the OpenAPI document %s', (_, config) => {
  const document = documentOf(config);

  it("has nothing against Redocly's recommended rules", async () => {
    const problems = await lintFromString({
      source: document,
      absoluteRef: 'openapi.json',
      config: await createConfig({ extends: ['recommended'] }),
    });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });

  it("has nothing against Spectral's rules", async () => {
    const linter = new spectral.Spectral();
    linter.setRuleset(
      new spectral.Ruleset({ extends: [[oas as spectral.RulesetDefinition, 'recommended']] }),
    );
    const problems = await linter.run(JSON.parse(document));
    expect(problems.map(({ code, message, path }) => [code, message, path.join('.')])).toEqual([]);
  });
});

describe('a client made of the document', () => {
  /** What the compiler has against a program beneath the types. */
  async function complaints(program: string): Promise<string[]> {
    const types = astToString(await openapiTS(documentOf('')));
    const text = `${types}\ntype Schemas = components['schemas'];\n${program}`;
    const options = { strict: true, noEmit: true, types: [], lib: ['lib.es5.d.ts'] };
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (name, ...rest) =>
      name === 'client.ts'
        ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
        : getSourceFile(name, ...rest);
    const compiled = ts.createProgram(['client.ts'], options, host);
    return ts
      .getPreEmitDiagnostics(compiled)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  }

  it('need not give what has a default', async () => {
    expect(
      await complaints(`
        export const call: Schemas['Call'] = { requests: [{ image: 'multipart:a', need_age: true }] };
        export const region: Schemas['Request'] = { image: '', roi: '0,0,9,9' };
        export const age = (face: Schemas['Face']): number | undefined => face.age;
        export const facen = (face: Schemas['ObjectFace']): string | undefined => face.face_emben?.result;
      `),
    ).toEqual([]);
  });

  it('is told of what is wrong', async () => {
    expect(
      await complaints(`export const request: Schemas['Request'] = { image: 'a', need_age: 1 };`),
    ).toEqual(["Type 'number' is not assignable to type 'boolean | undefined'."]);
  });
});
