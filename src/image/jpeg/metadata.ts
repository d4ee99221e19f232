import { concatenated } from '../../bytes.ts';
import { beginsTiff, exifPrefix, hasExifPrefix, type Metadata } from '../orientation.ts';
import { marker, segments } from './markers.ts';

const xmpPrefix = 'http://ns.adobe.com/xap/1.0/\0';

/**
 * EXIF and XMP of a file, wherever they stand before its first scan. EXIF that is longer than a segment
 * goes on in the next ones, which have its name but not its beginning.
 */
export function jpegMetadata(bytes: Uint8Array): Metadata[] {
  const blocks: Metadata[] = [];
  /** The segments of the EXIF block that is being read. */
  let parts: Uint8Array[] = [];
  const finish = () => {
    if (parts.length > 0)
      blocks.push({ kind: 'exif', bytes: parts.length === 1 ? parts[0]! : concatenated(parts) });
    parts = [];
  };
  for (const { marker: code, payload } of segments(bytes)) {
    if (code === marker.startOfScan) break;
    if (code !== marker.metadata) continue;
    if (hasExifPrefix(payload)) {
      const content = payload.subarray(exifPrefix.length);
      if (beginsTiff(content)) finish();
      parts.push(content);
    } else if (String.fromCharCode(...payload.subarray(0, xmpPrefix.length)) === xmpPrefix) {
      blocks.push({ kind: 'xmp', bytes: payload.subarray(xmpPrefix.length) });
    }
  }
  finish();
  return blocks;
}
