import type { Manifest } from '../pack.ts';

export const manifest: Manifest = {
  id: 'blazeface',
  task: 'light-detection',
  title: 'BlazeFace for the back camera, a light detector',
  format: 'tfjs',
  licence: 'Apache-2.0',
  source: 'https://github.com/google-ai-edge/mediapipe',
  input: 'input: 1×256×256×3, RGB, -1 to 1',
  outputs: {
    Identity: '1×512×1: logits of the 16×16 grid, 2 anchors a cell',
    Identity_1: '1×384×1: logits of the 8×8 grid, 6 anchors a cell',
    Identity_2:
      '1×512×16: centre x, y from the cell’s centre, width, height, then 6 points (right and left eye, nose, mouth, right and left ear of the person) as x, y from the cell’s centre; input pixels',
    Identity_3: '1×384×16: the same for the 8×8 grid',
  },
};
