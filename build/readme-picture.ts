import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import sharp from 'sharp';

/** `npm run picture`: the picture at the top of the README, of a sample by today's engine. */
const sample = 'node_modules/@vladmandic/face-api/demo/sample5.jpg';

const folder = await mkdtemp(join(tmpdir(), 'phiz-picture-'));
try {
  await promisify(execFile)(process.execPath, ['dist/node/main.js', 'extract', sample, '--annotate', folder]);
  await sharp(join(folder, 'sample5.jpg.png'))
    .resize(960)
    .jpeg({ quality: 80, mozjpeg: true })
    .toFile('docs/annotated.jpg');
} finally {
  await rm(folder, { recursive: true });
}
