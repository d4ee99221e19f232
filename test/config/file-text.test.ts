import { describe, expect, it } from 'vitest';
import { fileText } from '../../src/config/file-text.ts';

const mistake = (line: number) =>
  `phiz.ini:${line}: expected text in UTF-8, got another encoding, such as UTF-16`;

describe('the text of a configuration file', () => {
  it.each(['', 'a: 1', 'a: ü\r\nb: 顔\n'])('is %j in UTF-8, with a mark or without', (text) => {
    expect(fileText('phiz.ini', new TextEncoder().encode(text))).toBe(text);
    expect(fileText('phiz.ini', new TextEncoder().encode(`\uFEFF${text}`))).toBe(text);
  });

  it.each(['', '\uFEFF'])('is not in UTF-16, after %j', (mark) => {
    for (const little of [true, false]) {
      expect(() => fileText('phiz.ini', utf16(`${mark}allow_cors: true\n`, little))).toThrow(mistake(1));
    }
  });

  it('is not in Latin-1: the line is named', () => {
    const bytes = Uint8Array.from('a: 1\nb: \xFC\nc: \xFC\n', (letter) => letter.charCodeAt(0));
    expect(() => fileText('phiz.ini', bytes)).toThrow(mistake(2));
  });
});

function utf16(text: string, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), little);
  return new Uint8Array(view.buffer);
}
