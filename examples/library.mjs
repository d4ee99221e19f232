// node examples/library.mjs PICTURE…: the faces of each picture, a line for each.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { createEngine, PhizError } from 'phiz';

const engine = await createEngine();
try {
  for (const path of process.argv.slice(2)) {
    try {
      const { faces } = await engine.extract(await readFile(path), {
        attributes: ['age', 'gender', 'emotions', 'embedding'],
      });
      console.log(`${path}: ${faces.length} faces`);
      for (const { box, confidence, age, gender, emotions, embedding } of faces) {
        const { left, top, right, bottom } = box;
        console.log(
          `  ${Math.round(left)},${Math.round(top)}–${Math.round(right)},${Math.round(bottom)}`,
          `(${Math.round(100 * confidence)}%):`,
          `${gender.label}, about ${Math.round(age)},`,
          `${emotions[0].label}; a vector of ${embedding.length} numbers`,
        );
      }
    } catch (error) {
      // What is wrong with one picture has a code, and is no reason to end.
      if (!(error instanceof PhizError)) throw error;
      console.error(`${path}: ${error.code}: ${error.message}`);
      process.exitCode = 1;
    }
  }
} finally {
  // The engine's threads keep the process alive until then.
  await engine.close();
}
