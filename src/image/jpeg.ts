import { type Codec, decodingFailed, type Header } from './codec.ts';
import { readFrameSize } from './jpeg/frame.ts';
import { createJpegPicture } from './jpeg/jpeg-picture.ts';
import { isFrame, marker, segments } from './jpeg/markers.ts';
import { jpegMetadata } from './jpeg/metadata.ts';
import { parseJpeg } from './jpeg/parse.ts';
import { orientationOf } from './orientation.ts';

/** JPEG by our own decoder: baseline and progressive, eight bits, all samplings and colour models. */
export const jpeg: Codec = {
  name: 'JPEG',

  recognises: (bytes) => bytes[0] === 0xff && bytes[1] === marker.startOfImage && bytes[2] === 0xff,

  readHeader(bytes) {
    const size = readSize(bytes);
    return { ...size, orientation: orientationOf(jpegMetadata(bytes)) };
  },

  decode: (bytes, _header, context) => createJpegPicture(parseJpeg(bytes), context),
};

/** Where the frame leaves its height to be said after the first scan, there (ITU-T T.81, B.2.5). */
function readSize(bytes: Uint8Array): Pick<Header, 'width' | 'height'> {
  let frame: Uint8Array | undefined;
  for (const { marker: code, payload } of segments(bytes)) {
    if (isFrame(code) && !frame) {
      frame = payload;
      const size = readFrameSize(frame);
      if (size.height > 0) return size;
    }
    if (code === marker.numberOfLines && frame) return readFrameSize(frame, payload);
  }
  if (frame) throw decodingFailed('a JPEG whose height is not said');
  throw decodingFailed('a JPEG without a frame header: there is no picture in it');
}
