import { Buffer } from 'node:buffer';
import { createHash, randomBytes } from 'node:crypto';
import { type JetStreamClient, type JetStreamManager, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { type ObjectStore, Objm } from '@nats-io/obj';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectNats } from '../../runtimes/node-api/nats.ts';
import { NatsObjects } from '../../src/bulk/nats-objects.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';

const limit = 1_000_000;
const bytes = randomBytes(300_000);

let nats: NatsServer;
let connection: NatsConnection;
let client: JetStreamClient;
let manager: JetStreamManager;
let store: ObjectStore;

beforeAll(async () => {
  nats = await startNatsServer();
  connection = await connectNats({ servers: nats.url });
  client = jetstream(connection);
  manager = await client.jetstreamManager();
  store = await new Objm(client).create('pictures');
  await store.putBlob({ name: 'three chunks' }, bytes);
});
afterAll(async () => {
  await connection.close();
  await nats.stop();
});

const read = async (name: string, bucket = 'pictures') =>
  Buffer.from(await new NatsObjects(manager).read(bucket, name, limit));
const isWhole = async (name: string, bucket?: string) => (await read(name, bucket)).equals(bytes);

/** Stores a description as it is, whatever it says. */
const describeAs = (name: string, description: unknown) =>
  client.publish(
    `$O.pictures.M.${Buffer.from(name).toString('base64url')}${'='.repeat((3 - (Buffer.byteLength(name) % 3)) % 3)}`,
    typeof description === 'string' ? description : JSON.stringify(description),
  );

const digestOf = (content: Uint8Array) =>
  `SHA-256=${createHash('sha256').update(content).digest('base64').replaceAll('+', '-').replaceAll('/', '_')}`;

describe('an object is read', () => {
  test('whole, in chunks of any size, from none to all of it', async () => {
    expect(await isWhole('three chunks')).toBe(true);
    await store.putBlob({ name: 'one', options: { max_chunk_size: 512 * 1024 } }, bytes);
    expect(await isWhole('one')).toBe(true);
    await store.putBlob({ name: 'none' }, new Uint8Array(0));
    expect(await read('none')).toHaveLength(0);
  });

  test('by any name, as all clients but the JavaScript one write it: in UTF-8', async () => {
    await client.publish('$O.pictures.C.umlaut', bytes);
    const description = { nuid: 'umlaut', size: bytes.length, chunks: 1, digest: digestOf(bytes) };
    await describeAs('größe/日本 1.jpg', description);
    expect(await isWhole('größe/日本 1.jpg')).toBe(true);
  });

  test('where its chunks are far before its description, among those of others', async () => {
    await client.publish('$O.pictures.C.far', bytes.subarray(0, 100_000));
    for (let other = 0; other < 200; other++) await client.publish('$O.pictures.C.other', 'x');
    await client.publish('$O.pictures.C.far', bytes.subarray(100_000));
    for (let other = 0; other < 100; other++) await client.publish('$O.pictures.C.other', 'x');
    await describeAs('far', { nuid: 'far', size: bytes.length, chunks: 2, digest: digestOf(bytes) });
    expect(await isWhole('far')).toBe(true);
  });

  test('where only the leader of the bucket may be asked', async () => {
    const old = await new Objm(client).create('old');
    await old.putBlob({ name: 'picture' }, bytes);
    await manager.streams.update('OBJ_old', { allow_direct: false });
    expect(await isWhole('picture', 'old')).toBe(true);
  });

  test('through links, but no circle of them', async () => {
    await describeAs('link', {
      name: 'link',
      options: { link: { bucket: 'pictures', name: 'three chunks' } },
    });
    await describeAs('links', { name: 'links', options: { link: { bucket: 'pictures', name: 'link' } } });
    expect(await isWhole('links')).toBe(true);
    await describeAs('circle', { name: 'circle', options: { link: { bucket: 'pictures', name: 'circle' } } });
    await expect(read('circle')).rejects.toThrow('"pictures/circle" is a link to links, more than 4');
    await describeAs('bucket', { name: 'bucket', options: { link: { bucket: 'pictures' } } });
    await expect(read('bucket')).rejects.toThrow('no object');
  });
});

describe('an error tells that an object', () => {
  test.each([
    ['is not there', 'nothing', 'pictures'],
    ['is in no bucket', 'x', 'nowhere'],
    ['has the name of no bucket', 'x', 'a.b c'],
  ])('%s', async (_, name, bucket) => {
    await expect(read(name, bucket)).rejects.toMatchObject({
      code: 'IMAGE_FETCH_FAILED',
      message: `Failed to fetch the picture: there is no object "${bucket}/${name}"`,
    });
  });

  test('was deleted', async () => {
    await store.putBlob({ name: 'deleted' }, bytes);
    await store.delete('deleted');
    await expect(read('deleted')).rejects.toThrow('there is no object "pictures/deleted"');
  });

  test('is larger than it may be, also behind a link', async () => {
    await store.putBlob({ name: 'large' }, new Uint8Array(limit + 1));
    await describeAs('to large', {
      name: 'to large',
      options: { link: { bucket: 'pictures', name: 'large' } },
    });
    for (const name of ['large', 'to large'])
      await expect(read(name)).rejects.toThrow(
        `at most ${limit} bytes, object "pictures/${name}" has ${limit + 1}`,
      );
  });

  test.each([
    ['chunks that are gone', { nuid: 'no such', size: 10, chunks: 1, digest: digestOf(bytes) }],
    [
      'another digest',
      { nuid: 'umlaut', size: bytes.length, chunks: 1, digest: digestOf(bytes.subarray(1)) },
    ],
    ['more bytes than it says', { nuid: 'umlaut', size: 10, chunks: 1, digest: digestOf(bytes) }],
    ['fewer bytes than it says', { nuid: 'umlaut', size: limit, chunks: 1, digest: digestOf(bytes) }],
    ['more chunks than numbers go', { nuid: 'no such', size: 10, chunks: 2 ** 53 - 1, digest: '' }],
  ])('has %s', async (_, description) => {
    await describeAs('damaged', description);
    await expect(read('damaged')).rejects.toThrow('object "pictures/damaged" is damaged');
  });

  test.each([
    ['no JSON', '{'],
    ['no object', 'null'],
    ['a negative size', { nuid: 'umlaut', size: -1 }],
    ['a link to nowhere', { options: { link: 7 } }],
  ])('has a description that is %s', async (_, description) => {
    await describeAs('strange', description);
    await expect(read('strange')).rejects.toThrow('there is no object "pictures/strange"');
  });
});
