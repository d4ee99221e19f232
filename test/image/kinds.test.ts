import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decoded } from './independent.ts';

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('what is no picture, or one that is not read, is named', () => {
  it.each([
    ['nothing', '', 'the file is empty'],
    ['PDF', '%PDF-1.7\n', 'a PDF document'],
    ['MP4', '\0\0\0\x20ftypisom\0\0\x02\0isomiso2', 'a video'],
    ['QuickTime', '\0\0\0\x14ftypqt  \0\0\x02\0', 'a video'],
    ['WebM', '\x1a\x45\xdf\xa3\0\0\0', 'a video'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'an SVG drawing'],
    ['SVG after its declaration', '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -->\n<svg/>', 'an SVG drawing'],
    ['HTML', '\n<!DOCTYPE html><html><title>404</title>', 'an HTML page'],
    ['a cursor', '\0\0\x02\0\x01\0\x20\x20', 'a cursor (CUR)'],
    ['TGA, true colour', '\0\0\x02\0\0\0\0\0\0\0\x90\x01', 'a TGA picture'],
    ['TGA, run lengths', '\0\0\x0a\0\0\0\0\0\0\0\x90\x01', 'a TGA picture'],
    ['TGA, a table of colours', '\0\x01\x01\0\0\0\x01\x18\0\0', 'a TGA picture'],
    ['PCX', '\x0a\x05\x01\x08\0\0', 'a PCX picture'],
    ['PSD', '8BPS\0\x01', 'a Photoshop document'],
    ['JPEG XL, bare', '\xff\x0a\xfa\x1f', 'a JPEG XL picture'],
    ['JPEG XL in a container', '\0\0\0\x0cJXL \r\n\x87\n', 'a JPEG XL picture'],
    ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n', 'a JPEG 2000 picture'],
    ['JPEG 2000, bare', '\xff\x4f\xff\x51\0\x2f', 'a JPEG 2000 picture'],
    ['ICO', '\0\0\x01\0\x01\0\x20\x20', 'an icon'],
    ['ZIP', 'PK\x03\x04\x14\0', 'an archive'],
    ['base64 text', '/9j/4AAQSkZJRgABAQ', 'the base64 text'],
    ['JSON', '{"error": "not found"}', 'JSON text'],
    ['zeros', '\0'.repeat(2_000), 'nothing but zeros'],
    ['prose', 'hello', 'not a picture of a format that is read'],
  ])('%s', async (_, text, reason) => {
    await expect(decoded(bytes(text))).rejects.toMatchObject({
      code: 'IMAGE_DECODING_FAILED',
      message: expect.stringContaining(`Failed to decode: ${reason}`),
    });
  });

  it('a picture that gzip has compressed', async () => {
    await expect(decoded(new Uint8Array(gzipSync(bytes('GIF89a'))))).rejects.toMatchObject({
      message: expect.stringContaining('gzip'),
    });
  });
});
