// Readiness: the drawn face must give the vector that known-vector.json holds. Else this processor or these packages compute something else, and templates
// made elsewhere would not match. node ready.mjs --pin writes the file anew, which only a new model_id may.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MODEL_ID, describe } from './describe.mjs';
import { drawnFace } from './drawn-face.mjs';
import { load } from './models.mjs';

const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'known-vector.json');
const LEAST = 0.9999; // cosine: processors may round differently, nothing more

async function vectorOfDrawnFace(models) {
  const { faces } = await describe(models, await drawnFace(), 'enrol');
  if (faces.length !== 1) throw new Error(`the drawn face was seen ${faces.length} times`);
  return faces[0].embedding;
}

/** @throws where the vector is another. It also warms everything up: a first picture takes ten times as long. */
export async function isReady(models) {
  const known = JSON.parse(readFileSync(file, 'utf8'));
  const vector = await vectorOfDrawnFace(models);
  const cosine = vector.reduce((sum, x, i) => sum + x * known.embedding[i], 0);
  if (known.model_id !== MODEL_ID || !(cosine >= LEAST)) throw new Error(`the drawn face gives another vector (cosine ${cosine.toFixed(6)}) than known-vector.json`);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes('--pin')) {
  writeFileSync(file, `${JSON.stringify({ model_id: MODEL_ID, embedding: await vectorOfDrawnFace(await load()) })}\n`);
}
