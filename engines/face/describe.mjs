// One picture to what is told of it.
import { tf } from './models.mjs';
import { axes, find, poseOf } from './faces.mjs';
import { decode, mirrored, square } from './picture.mjs';

const CROP = 150;
export const DIM = 128;
export const MODEL_ID = 'human-3.3.6+face-api-1.7.15/upright150-mirror/1';

/** The points that are told, by their numbers in the mesh: those that move little with the expression first. README.md says where they lie. */
export const POINTS = [
  33, 133, 159, 145, 362, 263, 386, 374, // eyes
  168, 6, 197, 195, 5, 4, 1, 2, // the ridge of the nose from its root to below its tip
  48, 278, 64, 294, 98, 327, // wings of the nose
  70, 105, 107, 336, 334, 300, // eyebrows
  8, 9, 151, 10, 109, 338, 67, 297, // forehead
  116, 345, 117, 346, 50, 280, 205, 425, 36, 266, 187, 411, // cheeks
  61, 291, 0, 17, 13, 14, // mouth
  199, 175, 152, // chin
  127, 356, 234, 454, 132, 361, 58, 288, 172, 397, 136, 365, 150, 379, // the outline, which slides as the head turns
];

const round = (x, digits) => Math.round(x * 10 ** digits) / 10 ** digits;

// The crop that the network sees, as face-api lays it, but turned until the eyes are level: the mean distance from an eye to the mouth is 0.45 of its side,
// and the middle of both eyes and the mouth lies at (0.5, 0.43).
function cropOf(picture, points) {
  const { right, left, mouth, angle } = axes(points);
  const side = (Math.hypot(mouth[0] - right[0], mouth[1] - right[1]) + Math.hypot(mouth[0] - left[0], mouth[1] - left[1])) / 2 / 0.45;
  const middle = [(right[0] + left[0] + mouth[0]) / 3, (right[1] + left[1] + mouth[1]) / 3];
  const below = 0.07 * side;
  return square(picture, [middle[0] - Math.sin(angle) * below, middle[1] + Math.cos(angle) * below], side, angle, CROP);
}

// The mean of the vectors of the crop and of its mirror image, of length 1.
function vectorOf(models, crop) {
  const batch = new Float32Array(crop.length * 2);
  batch.set(crop);
  mirrored(crop, CROP, batch.subarray(crop.length));
  const both = tf.tidy(() => models.vectors(tf.tensor4d(batch, [2, CROP, CROP, 3])).dataSync());
  const sum = Array.from({ length: DIM }, (_, i) => both[i] + both[DIM + i]);
  const length = Math.hypot(...sum);
  return sum.map((x) => round(x / length, 7));
}

// Luma of the crop's inner part: its mean, and the variance of its Laplacian.
function lightOf(crop) {
  const luma = new Float32Array(CROP * CROP);
  for (let i = 0; i < luma.length; i++) luma[i] = 0.299 * crop[3 * i] + 0.587 * crop[3 * i + 1] + 0.114 * crop[3 * i + 2];
  let [count, bright, sum, squares] = [0, 0, 0, 0];
  for (let y = 20; y < CROP - 20; y++) {
    for (let x = 20; x < CROP - 20; x++) {
      const i = y * CROP + x;
      const laplacian = luma[i - 1] + luma[i + 1] + luma[i - CROP] + luma[i + CROP] - 4 * luma[i];
      count++;
      bright += luma[i];
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  return { brightness: bright / count, sharpness: squares / count - (sum / count) ** 2 };
}

function qualityOf(purpose, facePx, light, box, picture) {
  const reasons = [];
  if (facePx < (purpose === 'enrol' ? 100 : 80)) reasons.push('too_small');
  if (light.brightness < 40) reasons.push('too_dark');
  if (light.brightness > 225) reasons.push('too_bright');
  if (light.sharpness < (purpose === 'enrol' ? 12 : 8)) reasons.push('blurred');
  if (box.x < 0 || box.y < 0 || box.x + box.width > picture.full[0] || box.y + box.height > picture.full[1]) reasons.push('cut_off');
  return { face_px: round(facePx, 1), sharpness: round(light.sharpness, 1), brightness: round(light.brightness, 1), ok: reasons.length === 0, reasons };
}

// What the packaged anti-spoof networks say of it: for the record, they are at chance.
function spoofOf(models, picture, box, scale) {
  const centre = [(box.x + box.width / 2) / scale, (box.y + box.height / 2) / scale];
  const score = (model, size) =>
    tf.tidy(() => {
      const pixels = square(picture, centre, (1.4 * Math.max(box.width, box.height)) / scale, 0, size);
      for (let i = 0; i < pixels.length; i++) pixels[i] /= 255;
      return round(model.execute(tf.tensor4d(pixels, [1, size, size, 3])).dataSync()[0], 4);
    });
  return { real: score(models.antispoof, 128), live: score(models.liveness, 32), trusted: false };
}

function describeFace(models, picture, face, purpose) {
  const { scale } = picture;
  const xs = face.points.map((point) => point[0] * scale);
  const ys = face.points.map((point) => point[1] * scale);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const box = { x: round(x, 1), y: round(y, 1), width: round(Math.max(...xs) - x, 1), height: round(Math.max(...ys) - y, 1) };
  const pose = poseOf(face.points);
  const crop = cropOf(picture, face.points);
  return {
    box,
    score: round(Math.min(face.score, face.sure), 4),
    pose: { yaw: round(pose.yaw, 1), pitch: round(pose.pitch, 1), roll: round(pose.roll, 1) },
    quality: qualityOf(purpose, Math.max(box.width, box.height), lightOf(crop), box, picture),
    spoof: spoofOf(models, picture, box, scale),
    points: POINTS.map((id) => ({ id, x: round(face.points[id][0] * scale, 2), y: round(face.points[id][1] * scale, 2) })),
    embedding: vectorOf(models, crop),
  };
}

/** What `POST /v1/describe` answers. @throws {Declined} for what is no picture of ours. */
export async function describe(models, bytes, purpose) {
  const begin = performance.now();
  const picture = await decode(bytes);
  const faces = find(models, picture);
  const described = faces.map((face) => describeFace(models, picture, face, purpose));
  return {
    model_id: MODEL_ID,
    image: { width: picture.full[0], height: picture.full[1] },
    face_count: described.length,
    faces: described,
    timing_ms: round(performance.now() - begin, 1),
  };
}
