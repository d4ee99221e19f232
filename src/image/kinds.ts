/** A kind of file that people send in place of a picture, or as one that is not read. */
interface Kind {
  /** Reads on from "Failed to decode: ". */
  readonly is: string;
  readonly matches: (file: Start) => boolean;
}

/** The beginning of a file. */
interface Start {
  readonly bytes: Uint8Array;
  /** Its first kilobyte as Latin-1, and that in lower case without white space before it. */
  readonly text: string;
  readonly prose: string;
}

const begins =
  (...starts: readonly string[]) =>
  ({ text }: Start): boolean =>
    starts.some((start) => text.startsWith(start));

const brand =
  (pattern: RegExp) =>
  ({ text }: Start): boolean =>
    text.slice(4, 8) === 'ftyp' && pattern.test(text.slice(8, 12));

const asPicture = 'send it as JPEG or PNG';

const kinds: readonly Kind[] = [
  { is: `a PDF document, not a picture: ${asPicture}`, matches: ({ text }) => text.includes('%PDF-') },
  { is: `a raw CR3 picture of a camera, which is not read: ${asPicture}`, matches: brand(/^crx /) },
  { is: 'a video (MP4 or QuickTime), not a picture', matches: ({ text }) => text.slice(4, 8) === 'ftyp' },
  {
    is: 'a video (QuickTime), not a picture',
    matches: ({ text }) => /^(moov|mdat|wide|free)$/.test(text.slice(4, 8)),
  },
  { is: 'a video (Matroska or WebM), not a picture', matches: begins('\x1a\x45\xdf\xa3') },
  { is: 'a video (AVI), not a picture', matches: ({ text }) => /^RIFF[\s\S]{4}AVI /.test(text) },
  {
    is: `an SVG drawing, which is not read: ${asPicture}`,
    matches: ({ prose }) =>
      prose.startsWith('<svg') || (/^<(\?xml|!doctype svg|!--)/.test(prose) && prose.includes('<svg')),
  },
  {
    is: 'an HTML page, not a picture: the address may be that of a page around it',
    matches: ({ prose }) =>
      /^<(!doctype html|html|head|body|meta|script|title)/.test(prose) ||
      (prose.startsWith('<!--') && prose.includes('<html')),
  },
  { is: 'an XML document, not a picture', matches: ({ prose }) => prose.startsWith('<?xml') },
  { is: `a Photoshop document (PSD), which is not read: ${asPicture}`, matches: begins('8BPS') },
  {
    is: `a JPEG XL picture, which is not read: ${asPicture}`,
    matches: begins('\xff\x0a', '\0\0\0\x0cJXL \r\n\x87\n'),
  },
  {
    is: `a JPEG 2000 picture, which is not read: ${asPicture}`,
    matches: begins('\0\0\0\x0cjP  \r\n\x87\n', '\xff\x4f\xff\x51'),
  },
  { is: `a JPEG XR picture, which is not read: ${asPicture}`, matches: begins('II\xbc') },
  { is: `a JPEG-LS picture, which is not read: ${asPicture}`, matches: begins('\xff\xd8\xff\xf7') },
  {
    is: `a TGA picture, which is not read: ${asPicture}`,
    // No signature: its kind, and zeros where a cursor has a count.
    matches: begins(
      ...['\x02', '\x03', '\x0a', '\x0b'].map((kind) => `\0\0${kind}\0\0\0\0\0`),
      '\0\x01\x01\0\0',
      '\0\x01\x09\0\0',
    ),
  },
  { is: `a PCX picture, which is not read: ${asPicture}`, matches: begins('\x0a\x05\x01') },
  { is: `an icon (ICO), which is not read: ${asPicture}`, matches: begins('\0\0\x01\0') },
  { is: `a cursor (CUR), which is not read: ${asPicture}`, matches: begins('\0\0\x02\0') },
  { is: `an icon (ICNS), which is not read: ${asPicture}`, matches: begins('icns') },
  { is: `an OpenEXR picture, which is not read: ${asPicture}`, matches: begins('\x76\x2f\x31\x01') },
  {
    is: `a Radiance picture (HDR), which is not read: ${asPicture}`,
    matches: begins('#?RADIANCE', '#?RGBE'),
  },
  { is: `a QOI picture, which is not read: ${asPicture}`, matches: begins('qoif') },
  { is: `a GIMP document (XCF), which is not read: ${asPicture}`, matches: begins('gimp xcf') },
  {
    is: `a raw picture of a camera (RAF), which is not read: ${asPicture}`,
    matches: begins('FUJIFILMCCD-RAW'),
  },
  {
    is: `a netpbm picture (PNM), which is not read: ${asPicture}`,
    matches: ({ text }) => /^P[1-7][\s#]/.test(text),
  },
  { is: `a BigTIFF picture, which is not read: ${asPicture}`, matches: begins('II+\0', 'MM\0+') },
  {
    is: `a DICOM picture, which is not read: ${asPicture}`,
    matches: ({ text }) => text.slice(128, 132) === 'DICM',
  },
  { is: 'data compressed with gzip, not a picture: send the picture itself', matches: begins('\x1f\x8b') },
  {
    is: 'an archive (ZIP, or a document that is one), not a picture',
    matches: begins('PK\x03\x04', 'PK\x05\x06'),
  },
  { is: 'an archive (7z, RAR or xz), not a picture', matches: begins('7z\xbc\xaf', 'Rar!\x1a', '\xfd7zXZ') },
  { is: 'a document of an office program, not a picture', matches: begins('\xd0\xcf\x11\xe0') },
  {
    is: 'the base64 text of a picture, not a picture: send its bytes, or a data: URL as "image"',
    matches: begins('/9j/', 'iVBORw0KGgo', 'UklGR', 'R0lGOD', 'data:image/'),
  },
  { is: 'JSON text, not a picture', matches: ({ prose }) => /^[{[]\s*["{[\]}]/.test(prose) },
  { is: 'nothing but zeros, not a picture', matches: ({ bytes }) => bytes.every((byte) => byte === 0) },
];

/** The kind of a file that no codec recognises, as far as its beginning tells; reads on from "Failed to decode: ". */
export function kindOf(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 1_024);
  const text = new TextDecoder('latin1').decode(start);
  const prose = text.replace(/^(?:\xef\xbb\xbf)?\s*/, '').toLowerCase();
  const kind = kinds.find(({ matches }) => matches({ bytes: start, text, prose }));
  return kind?.is ?? 'not a picture of a format that is read (JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF)';
}
