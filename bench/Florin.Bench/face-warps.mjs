// node face-warps.mjs ENGINE OUT < jobs: pictures of a photo that is held before a camera and moved about. A job is a line of JSON:
// {"from": FILE, "to": NAME, "border": 0.35, "yaw": 20, "pitch": 0, "roll": 0, "scale": 1, "x": 0, "y": 0}: grey border as a share of the sides; the photo
// turned about its middle by degrees, seen from 3 of its heights away; made larger; moved by shares of its sides.
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const DISTANCE = 3;
const GREY = 128;
const [engine, out] = process.argv.slice(2);
const sharp = createRequire(path.join(path.resolve(engine), 'package.json'))('sharp');

const radians = (degrees) => (degrees * Math.PI) / 180;

// Rows of the rotation about y (yaw), then x (pitch), then z (roll).
function rotation({ yaw = 0, pitch = 0, roll = 0 }) {
  const [a, b, c] = [radians(yaw), radians(pitch), radians(roll)];
  const multiply = (m, n) => m.map((row) => n[0].map((_, j) => row.reduce((sum, value, k) => sum + value * n[k][j], 0)));
  const y = [[Math.cos(a), 0, -Math.sin(a)], [0, 1, 0], [Math.sin(a), 0, Math.cos(a)]];
  const x = [[1, 0, 0], [0, Math.cos(b), -Math.sin(b)], [0, Math.sin(b), Math.cos(b)]];
  const z = [[Math.cos(c), -Math.sin(c), 0], [Math.sin(c), Math.cos(c), 0], [0, 0, 1]];
  return multiply(z, multiply(x, y));
}

async function read({ from, border = 0 }) {
  const upright = await sharp(from).rotate().removeAlpha().toColourspace('srgb').png().toBuffer();
  const { width, height } = await sharp(upright).metadata();
  const [x, y] = [Math.round(width * border), Math.round(height * border)];
  const bordered = sharp(upright).extend({ left: x, right: x, top: y, bottom: y, background: { r: GREY, g: GREY, b: GREY } });
  const { data, info } = await bordered.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

// Each pixel of the view looks back along its ray to the photo: bilinear.
function view(photo, job) {
  const { data, width, height, channels } = photo;
  const result = Buffer.alloc(width * height * 3, GREY);
  const r = rotation(job);
  const far = DISTANCE * height;
  const scale = job.scale ?? 1;
  const [dx, dy] = [(job.x ?? 0) * width, (job.y ?? 0) * height];
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      // The photo's plane: points r·(px, py, 0) + (0, 0, far); the ray: ((u − cx) / f, (v − cy) / f, 1), f = far·scale.
      const [rx, ry] = [(u - width / 2 - dx) / (far * scale), (v - height / 2 - dy) / (far * scale)];
      // Solve r00 px + r01 py = rx z, r10 px + r11 py = ry z, z = far + r20 px + r21 py.
      const [a, b, c, d] = [r[0][0] - rx * r[2][0], r[0][1] - rx * r[2][1], r[1][0] - ry * r[2][0], r[1][1] - ry * r[2][1]];
      const det = a * d - b * c;
      const x = (rx * far * d - b * ry * far) / det + width / 2;
      const y = (a * ry * far - rx * far * c) / det + height / 2;
      if (!(x >= 0 && y >= 0 && x < width - 1 && y < height - 1)) continue;
      const [x0, y0] = [Math.floor(x), Math.floor(y)];
      const [fx, fy] = [x - x0, y - y0];
      for (let k = 0; k < 3; k++) {
        const at = (i, j) => data[((y0 + j) * width + x0 + i) * channels + Math.min(k, channels - 1)];
        result[(v * width + u) * 3 + k] = Math.round((at(0, 0) * (1 - fx) + at(1, 0) * fx) * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy);
      }
    }
  }
  return sharp(result, { raw: { width, height, channels: 3 } });
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const job = JSON.parse(line);
  const photo = await read(job);
  const still = !job.yaw && !job.pitch && !job.roll && !job.x && !job.y && (job.scale ?? 1) === 1;
  const picture = still ? sharp(photo.data, { raw: { width: photo.width, height: photo.height, channels: photo.channels } }) : view(photo, job);
  await picture.png({ compressionLevel: 1 }).toFile(path.join(out, job.to));
}
