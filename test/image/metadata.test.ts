import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PngChunk } from '../../src/image/png/chunks.ts';
import { pathOf } from '../contract/samples.ts';
import { decoded } from './independent.ts';
import { writeChunks } from './write-chunks.ts';

const text = (value: string) => new TextEncoder().encode(value);
const joined = (...parts: readonly (Uint8Array | readonly number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** An EXIF block whose one tag is the orientation, or another, in one of the types that phones write. */
function exif({ value = 6, type = 3, little = true, tag = 274, directory = 8 } = {}): Uint8Array {
  const bytes = new Uint8Array(directory + 18);
  const view = new DataView(bytes.buffer);
  bytes.set(text(little ? 'II' : 'MM'));
  view.setUint16(2, 42, little);
  view.setUint32(4, directory, little);
  view.setUint16(directory, 1, little);
  view.setUint16(directory + 2, tag, little);
  view.setUint16(directory + 4, type, little);
  view.setUint32(directory + 6, 1, little);
  if (type === 1) view.setUint8(directory + 10, value);
  else if (type === 4) view.setUint32(directory + 10, value, little);
  else view.setUint16(directory + 10, value, little);
  return bytes;
}

const xmp = (value: string) =>
  text(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description ${value}</rdf:RDF></x:xmpmeta>`);
const asAttribute = xmp('tiff:Orientation="6"/>');
const asElement = xmp('><tiff:Orientation>6</tiff:Orientation></rdf:Description>');

/** Stored 48×32, upright 32×48. */
const turned = async (bytes: Uint8Array) => {
  const { width, height } = await decoded(bytes);
  expect([width, height].sort()).toEqual([32, 48]);
  return width === 32;
};

describe('JPEG', () => {
  let plain: Uint8Array;
  beforeAll(async () => {
    plain = new Uint8Array(await sharp(pathOf('sample1.jpg')).resize(48, 32).jpeg().toBuffer());
  });
  const segment = (payload: Uint8Array) =>
    joined([0xff, 0xe1, (payload.length + 2) >> 8, (payload.length + 2) & 255], payload);
  const app1 = (block: Uint8Array) => segment(joined(text('Exif\0\0'), block));
  const app1Xmp = (packet: Uint8Array) => segment(joined(text('http://ns.adobe.com/xap/1.0/\0'), packet));
  const leading = (...segments: Uint8Array[]) => joined(plain.subarray(0, 2), ...segments, plain.subarray(2));
  const afterFrame = (...segments: Uint8Array[]) => {
    const scan = plain.findIndex((byte, at) => byte === 0xff && plain[at + 1] === 0xda);
    return joined(plain.subarray(0, scan), ...segments, plain.subarray(scan));
  };
  /** A block of which the directory lies in the second segment. */
  const long = exif({ directory: 70_000 });

  it.each<[string, () => Uint8Array, boolean]>([
    ['none', () => plain, false],
    ['one segment', () => leading(app1(exif())), true],
    ['big-endian', () => leading(app1(exif({ little: false }))), true],
    ['as a byte', () => leading(app1(exif({ type: 1 }))), true],
    ['as a byte, big-endian', () => leading(app1(exif({ type: 1, little: false }))), true],
    ['as 32 bits', () => leading(app1(exif({ type: 4 }))), true],
    ['as 32 bits, big-endian', () => leading(app1(exif({ type: 4, little: false }))), true],
    ['two segments: the first that says one', () => leading(app1(exif()), app1(exif({ value: 1 }))), true],
    [
      'two segments: the second is the first that says one',
      () => leading(app1(exif({ tag: 271 })), app1(exif())),
      true,
    ],
    ['an impossible one, then a possible one', () => leading(app1(exif({ value: 9 })), app1(exif())), true],
    ['after the frame header', () => afterFrame(app1(exif())), true],
    [
      'in a block that goes on in a second segment',
      () => leading(app1(long.subarray(0, 65_000)), app1(long.subarray(65_000))),
      true,
    ],
    ['XMP alone, an attribute', () => leading(app1Xmp(asAttribute)), true],
    ['XMP alone, an element', () => leading(app1Xmp(asElement)), true],
    ['XMP before EXIF, which wins', () => leading(app1Xmp(asAttribute), app1(exif({ value: 1 }))), false],
    ['XMP beside EXIF that says none', () => leading(app1(exif({ tag: 271 })), app1Xmp(asAttribute)), true],
  ])('%s', async (_, make, expected) => {
    expect(await turned(make())).toBe(expected);
  });
});

describe('PNG', () => {
  const size = new Uint8Array(13);
  new DataView(size.buffer).setUint32(0, 48);
  new DataView(size.buffer).setUint32(4, 32);
  size[8] = 8;
  const data = { name: 'IDAT', data: new Uint8Array(deflateSync(new Uint8Array(49 * 32))) };
  const file = (...chunks: PngChunk[]) => writeChunks([{ name: 'IHDR', data: size }, ...chunks]);
  const hex = `\nexif\n      26\n${[...exif()].map((byte) => byte.toString(16).padStart(2, '0')).join('')}\n`;

  it.each<[string, PngChunk]>([
    ['eXIf', { name: 'eXIf', data: exif({ little: false }) }],
    ['eXIf that begins as in JPEG', { name: 'eXIf', data: joined(text('Exif\0\0'), exif()) }],
    ['XMP', { name: 'iTXt', data: joined(text('XML:com.adobe.xmp'), [0, 0, 0, 0, 0], asAttribute) }],
    [
      'XMP, compressed',
      { name: 'iTXt', data: joined(text('XML:com.adobe.xmp'), [0, 1, 0, 0, 0], deflateSync(asElement)) },
    ],
    ["ImageMagick's profile", { name: 'tEXt', data: joined(text('Raw profile type exif'), [0], text(hex)) }],
    [
      "ImageMagick's profile, compressed",
      { name: 'zTXt', data: joined(text('Raw profile type APP1'), [0, 0], deflateSync(text(hex))) },
    ],
  ])('%s', async (_, chunk) => {
    expect(await turned(file(chunk, data))).toBe(true);
    expect(await turned(file(data, chunk))).toBe(true);
  });
});

describe('WebP', () => {
  const chunk = (name: string, payload: Uint8Array) => {
    const length = new Uint8Array(Uint32Array.of(payload.length).buffer);
    return joined(text(name), length, payload, payload.length % 2 === 1 ? [0] : []);
  };
  it.each([
    ['EXIF without the header that announces it', 'EXIF', exif()],
    ['EXIF that begins as in JPEG', 'EXIF', joined(text('Exif\0\0'), exif())],
    ['XMP alone', 'XMP ', asAttribute],
  ])('%s', async (_, name, payload) => {
    const plain = new Uint8Array(await sharp(pathOf('sample1.jpg')).resize(48, 32).webp().toBuffer());
    const bytes = joined(plain, chunk(name, payload));
    new DataView(bytes.buffer).setUint32(4, bytes.length - 8, true);
    expect(await turned(bytes)).toBe(true);
  });
});

describe('TIFF', () => {
  it('its own tag', async () => {
    const bytes = await sharp(pathOf('sample1.jpg'))
      .resize(48, 32)
      .withMetadata({ orientation: 6 })
      .tiff()
      .toBuffer();
    expect(await turned(new Uint8Array(bytes))).toBe(true);
  });
});
