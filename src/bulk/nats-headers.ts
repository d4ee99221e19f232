import { headers, type MsgHdrs } from '@nats-io/nats-core';
import { fromHeader, toHeader } from './names.ts';
import type { Labels } from './queue.ts';

/** Headers of our messages. Those that begin with `Nats-` are the server's. */
export const header = {
  id: 'Phiz-Id',
  code: 'Phiz-Code',
  settings: 'Phiz-Settings',
  reason: 'Phiz-Reason',
  contentType: 'Content-Type',
} as const;

export function headersOf(labels: Labels): MsgHdrs {
  const given = headers();
  for (const [name, value] of Object.entries(labels)) given.set(name, toHeader(value));
  return given;
}

/** All headers but the server's. */
export function labelsOf(given: MsgHdrs | undefined): Labels {
  const names = given?.keys().filter((name) => !/^nats-/i.test(name)) ?? [];
  return Object.fromEntries(names.map((name) => [name, fromHeader(given!.get(name))]));
}

/** The id of a request: its `Nats-Msg-Id`, else its place in the stream. @param sequence that place */
export const requestId = (given: MsgHdrs | undefined, sequence: number): string =>
  given?.get('Nats-Msg-Id') || `${sequence}`;
