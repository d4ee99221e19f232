import * as v from 'valibot';
import { expect } from 'vitest';
import { answerSchema, failureSchema } from '../../src/server/answer-schema.ts';

type Parts = Record<string, Uint8Array | string>;

export function postForm(url: string, call: unknown, parts: Parts = {}): Promise<Response> {
  const form = new FormData();
  for (const [name, content] of Object.entries(parts)) form.set(name, new Blob([content as BlobPart]), name);
  form.set('request', typeof call === 'string' ? call : JSON.stringify(call));
  return fetch(url, { method: 'POST', body: form });
}

export function postJson(url: string, call: unknown): Promise<Response> {
  const body = typeof call === 'string' ? call : JSON.stringify(call);
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
}

/** The responses of a call that succeeded, their shape checked. */
export async function responsesOf(response: Response) {
  expect(response.status).toBe(200);
  return v.parse(answerSchema, await response.json()).responses;
}

/** Status and code of a call that failed. */
export async function failureOf(response: Response): Promise<[status: number, code: string]> {
  const { error } = v.parse(failureSchema, await response.json());
  return [response.status, error.code];
}

/** The responses to requests on uploaded pictures. */
export async function extract(url: string, requests: object[], parts: Parts) {
  return responsesOf(await postForm(url, { requests }, parts));
}
