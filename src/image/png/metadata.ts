import type { Metadata } from '../orientation.ts';
import { type PngChunk, readChunks } from './chunks.ts';
import { inflate } from './inflate.ts';

/** More of a compressed profile is not looked at. */
const mostBytes = 256 * 1024;

const xmpKeyword = 'XML:com.adobe.xmp';
/** ImageMagick's names for EXIF, which it writes as lines of hexadecimal digits. */
const profileKeywords = ['Raw profile type exif', 'Raw profile type APP1'];

/** EXIF and XMP of a file, in chunks of their own or as text (PNG specification, clause 11.3). */
export async function pngMetadata(bytes: Uint8Array): Promise<Metadata[]> {
  const blocks: Metadata[] = [];
  for (const chunk of readChunks(bytes)) {
    if (chunk.name === 'eXIf') blocks.push({ kind: 'exif', bytes: chunk.data });
    const text = await textOf(chunk);
    if (text?.keyword === xmpKeyword) blocks.push({ kind: 'xmp', bytes: text.content });
    else if (text && profileKeywords.includes(text.keyword)) {
      blocks.push({ kind: 'exif', bytes: fromHex(text.content) });
    }
  }
  return blocks;
}

/** A chunk of text with what is compressed inflated; undefined for any that is not looked for. */
async function textOf({
  name,
  data,
}: PngChunk): Promise<{ keyword: string; content: Uint8Array } | undefined> {
  const end = data.indexOf(0);
  if (end < 1 || end > 79 || !['tEXt', 'zTXt', 'iTXt'].includes(name)) return undefined;
  const keyword = String.fromCharCode(...data.subarray(0, end));
  if (keyword !== xmpKeyword && !profileKeywords.includes(keyword)) return undefined;
  if (name === 'tEXt') return { keyword, content: data.subarray(end + 1) };
  if (name === 'zTXt') return { keyword, content: await inflated(data.subarray(end + 2)) };
  // Compression, its method, then the language and the translated keyword, each with a zero at its end.
  const language = data.indexOf(0, end + 3);
  const translated = data.indexOf(0, language + 1);
  if (language < 0 || translated < 0) return undefined;
  const content = data.subarray(translated + 1);
  return { keyword, content: data[end + 1] === 1 ? await inflated(content) : content };
}

/** Damage ends it: metadata never takes a picture away. */
async function inflated(data: Uint8Array): Promise<Uint8Array> {
  const target = new Uint8Array(mostBytes);
  let length = 0;
  await inflate([data], (part) => {
    const fitting = part.subarray(0, mostBytes - length);
    target.set(fitting, length);
    length += fitting.length;
    return length < mostBytes;
  }).catch(() => {});
  return target.subarray(0, length);
}

/** An empty line, the profile's name, its length, then lines of digits. */
function fromHex(content: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(content.subarray(0, mostBytes));
  const digits = text
    .split('\n')
    .slice(3)
    .join('')
    .replace(/[^\da-f]/gi, '');
  return Uint8Array.from({ length: digits.length >> 1 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}
