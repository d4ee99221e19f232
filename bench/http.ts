import { type Agent, request } from 'node:http';

/** A call that can be sent again and again. */
export interface HttpCall {
  readonly type: string;
  readonly body: Uint8Array;
}

export interface BenchAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

const boundary = '----phiz-bench-d2f1a8c4';

/** A multipart call on one picture. @param wanted the request's keys besides `image`, @param options the call's */
export function multipartCall(picture: Uint8Array, wanted: object, options: object = {}): HttpCall {
  return multipartOf({ ...options, requests: [{ image: 'multipart:picture', ...wanted }] }, picture);
}

/** A JSON call on one picture, which stands in it as base64. @param wanted the request's keys besides `image` */
export function jsonCall(picture: Uint8Array, wanted: object): HttpCall {
  const image = `data:;base64,${Buffer.from(picture).toString('base64')}`;
  return {
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ requests: [{ image, ...wanted }] })),
  };
}

/** Any call as multipart, with one picture in the part `picture`. */
export function multipartOf(call: object, picture: Uint8Array): HttpCall {
  const part = (name: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([
      Buffer.from(`${part('request')}\r\n\r\n${JSON.stringify(call)}\r\n`),
      Buffer.from(`${part('picture')}; filename="picture"\r\nContent-Type: application/octet-stream\r\n\r\n`),
      picture,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  };
}

/** Posts over a plain socket: `fetch` and `FormData` take longer here than the service does. */
export function post(url: string, agent: Agent, { type, body }: HttpCall): Promise<BenchAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': type, 'Content-Length': body.length };
    request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            body: Buffer.concat(chunks),
          }),
        )
        .on('error', reject);
    })
      .on('error', reject)
      .end(body);
  });
}
