import { describe, expect, it } from 'vitest';
import { bytesOf, type PictureFile } from '../../src/pool/picture-bytes.ts';

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);

describe('a picture is taken', () => {
  it.each<[string, PictureFile]>([
    ['as bytes', bytes],
    ['as a Buffer within a larger one', Buffer.concat([Buffer.of(9), bytes]).subarray(1)],
    ['as an ArrayBuffer', bytes.slice().buffer],
    ['as shared memory', new Uint8Array(new SharedArrayBuffer(6)).fill(0).map((_, at) => at + 1).buffer],
    ['as another view', new DataView(Uint8Array.of(0, ...bytes).buffer, 1)],
    ['as a Blob', new Blob([bytes])],
    ['as a File', new File([bytes], 'a.jpg')],
  ])('%s', async (_, file) => {
    expect([...(await bytesOf(file))]).toEqual([...bytes]);
  });

  it.each<[unknown, string]>([
    ['photo.jpg', 'got a string: a file or an address has to be read first'],
    [undefined, 'got undefined'],
    [null, 'got null'],
    [Promise.resolve(bytes), 'got a promise: await it first'],
    [[1, 2, 3], 'got an object of Array'],
    [{ data: bytes }, 'got an object of Object'],
    [7, 'got a number'],
  ])('but not as %s', (file, reason) => {
    const take = () => bytesOf(file as PictureFile);
    expect(take).toThrow(TypeError);
    expect(take).toThrow(reason);
  });
});
