import { type Codec, decodingFailed, type Header } from './codec.ts';
import { type Orientation, readOrientation } from './exif.ts';
import { readFrameSize } from './jpeg/frame.ts';
import { createJpegPicture, type JpegOptions } from './jpeg/jpeg-picture.ts';
import { isFrame, marker, segments } from './jpeg/markers.ts';
import { parseJpeg } from './jpeg/parse.ts';

interface CodecOptions extends Pick<JpegOptions, 'partial'> {
  /** {@link JpegOptions.overview}, by the picture's size. */
  readonly overview: (size: Pick<Header, 'width' | 'height'>) => number;
}

/** JPEG by our own decoder: baseline and progressive, eight bits, all samplings and colour models. */
export function jpeg({ overview, partial }: CodecOptions): Codec {
  return {
    recognises: (bytes) => bytes[0] === 0xff && bytes[1] === marker.startOfImage && bytes[2] === 0xff,

    readHeader(bytes) {
      let orientation: Orientation = 1;
      for (const { marker: code, payload } of segments(bytes)) {
        if (code === marker.exif && String.fromCharCode(...payload.subarray(0, 4)) === 'Exif') {
          orientation = readOrientation(payload);
        }
        if (isFrame(code)) return { ...readFrameSize(payload), orientation } satisfies Header;
      }
      throw decodingFailed('a JPEG without a frame header');
    },

    decode: (bytes, header) => createJpegPicture(parseJpeg(bytes), { overview: overview(header), partial }),
  };
}
