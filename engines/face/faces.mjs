// Where faces are: human's BlazeFace finds them, human's face mesh (468 points of MediaPipe) says how they lie.
import { square } from './picture.mjs';
import { tf } from './models.mjs';

const DETECTOR = 256;
const MESH = 192;
const LEAST_SCORE = 0.4;
const SURE = 0.6;
const LEAST_OVERLAP = 0.3;
const MOST_FACES = 4; // nobody pays with a crowd; whoever sees two knows enough

// Centres of the detector's 896 anchors: 2 on each of 16×16 places, 6 on each of 8×8.
const anchors = [[16, 2], [8, 6]].flatMap(([places, each]) =>
  Array.from({ length: places * places * each }, (_, i) => {
    const at = Math.floor(i / each);
    const stride = DETECTOR / places;
    return [((at % places) + 0.5) * stride, (Math.floor(at / places) + 0.5) * stride];
  }),
);

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const mean = (...points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Boxes in pixels of the picture with their scores and the angle of the eye line, the best first. The picture fills `share` of what the detector sees. */
function detect(models, picture, share) {
  const side = Math.max(picture.width, picture.height) / share;
  const centre = [picture.width / 2, picture.height / 2];
  const pixels = square(picture, centre, side, 0, DETECTOR, 2);
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i] / 127.5 - 1;
  const [regressors, scores] = tf.tidy(() => {
    const outputs = models.detector.execute(tf.tensor4d(pixels, [1, DETECTOR, DETECTOR, 3]));
    const of = (rows, columns) => outputs.find((output) => output.shape[1] === rows && output.shape[2] === columns);
    return [tf.concat([of(512, 16), of(384, 16)], 1).dataSync(), tf.concat([of(512, 1), of(384, 1)], 1).dataSync()];
  });
  const scale = side / DETECTOR;
  const found = [];
  for (let i = 0; i < anchors.length; i++) {
    const score = sigmoid(scores[i]);
    if (!(score >= LEAST_SCORE)) continue;
    const at = (j) => [
      (regressors[i * 16 + j] + anchors[i][0] - DETECTOR / 2) * scale + centre[0],
      (regressors[i * 16 + j + 1] + anchors[i][1] - DETECTOR / 2) * scale + centre[1],
    ];
    const [eyeA, eyeB] = [at(4), at(6)];
    found.push({ score, centre: at(0), side: Math.max(regressors[i * 16 + 2], regressors[i * 16 + 3]) * scale, angle: Math.atan2(eyeB[1] - eyeA[1], eyeB[0] - eyeA[0]) });
  }
  return distinct(found.sort((a, b) => b.score - a.score));
}

function overlap(a, b) {
  const along = (axis) => Math.max(0, Math.min(a.centre[axis] + a.side / 2, b.centre[axis] + b.side / 2) - Math.max(a.centre[axis] - a.side / 2, b.centre[axis] - b.side / 2));
  const common = along(0) * along(1);
  return common / (a.side ** 2 + b.side ** 2 - common);
}

const distinct = (boxes) => boxes.reduce((kept, box) => (kept.length < MOST_FACES && kept.every((other) => overlap(box, other) < LEAST_OVERLAP) ? [...kept, box] : kept), []);

/** The mesh over a tilted square of the picture, in pixels of the picture (z in the same unit), and how sure it is that this is a face. */
function meshOver(models, picture, { centre, side, angle }) {
  const pixels = square(picture, centre, side, angle, MESH);
  for (let i = 0; i < pixels.length; i++) pixels[i] /= 255;
  const [raw, sure] = tf.tidy(() => {
    const outputs = models.mesh.execute(tf.tensor4d(pixels, [1, MESH, MESH, 3]));
    return [outputs.find((output) => output.shape[1] === 1404).dataSync(), outputs.find((output) => output.shape[1] === 1).dataSync()[0]];
  });
  const scale = side / MESH;
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const points = [];
  for (let i = 0; i < 1404; i += 3) {
    const [u, v] = [raw[i] - MESH / 2, raw[i + 1] - MESH / 2];
    points.push([centre[0] + u * cos - v * sin, centre[1] + u * sin + v * cos, raw[i + 2] * scale]);
  }
  return { points, sure };
}

/** The centres of both eyes (the left one of the picture first) and of the mouth, and the angle of the eye line. */
export function axes(points) {
  const of = (...ids) => mean(...ids.map((id) => points[id]));
  const [right, left] = [of(33, 133, 159, 145), of(362, 263, 386, 374)];
  return { right, left, mouth: of(61, 291, 13, 14), angle: Math.atan2(left[1] - right[1], left[0] - right[0]) };
}

// The square that the mesh wants: the face's middle, half as large again as the mesh is.
function around(points) {
  const { angle } = axes(points);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const bounds = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    const [u, v] = [x * cos + y * sin, y * cos - x * sin];
    bounds[0] = Math.min(bounds[0], u);
    bounds[1] = Math.max(bounds[1], u);
    bounds[2] = Math.min(bounds[2], v);
    bounds[3] = Math.max(bounds[3], v);
  }
  const [u, v] = [(bounds[0] + bounds[1]) / 2, (bounds[2] + bounds[3]) / 2];
  return { centre: [u * cos - v * sin, u * sin + v * cos], side: 1.5 * Math.max(bounds[1] - bounds[0], bounds[3] - bounds[2]), angle };
}

/** Yaw, pitch and roll in degrees, from the mesh's depth: the axes through forehead and chin, and through both cheeks (as human has it). */
export function poseOf(points) {
  const unit = (v) => v.map((x) => x / Math.hypot(...v));
  const between = (a, b) => points[b].map((x, i) => x - points[a][i]);
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const y = unit(between(10, 152));
  const z = unit(cross(unit(between(234, 454)), y));
  const x = cross(y, z);
  const degrees = (radians) => (radians * 180) / Math.PI;
  return { yaw: degrees(Math.atan2(x[2], Math.hypot(x[0], x[1]))), pitch: degrees(Math.atan2(-y[2], Math.hypot(y[0], y[1]))), roll: degrees(Math.atan2(x[1], x[0])) };
}

/** All faces, the largest first: `{score, points}`. Nothing seen: once more with a border, for a face that fills the picture. */
export function find(models, picture) {
  for (const share of [1, 0.6]) {
    const boxes = detect(models, picture, share);
    const faces = [];
    for (const box of boxes) {
      let seen = meshOver(models, picture, { ...box, side: box.side * 1.5 });
      if (seen.sure < 0.3) continue;
      const again = meshOver(models, picture, around(seen.points)); // the first square was the detector's guess
      if (again.sure >= seen.sure * 0.9) seen = again;
      faces.push({ score: box.score, sure: seen.sure, points: seen.points });
    }
    const best = Math.max(...faces.map((face) => Math.min(face.score, face.sure)));
    const kept = faces.filter((face) => Math.min(face.score, face.sure) >= Math.min(best, SURE)); // beside a sure face a doubtful one is a sleeve
    if (kept.length > 0) return kept.sort((a, b) => extent(b.points) - extent(a.points));
  }
  return [];
}

const extent = (points) => distance(points[10], points[152]);
