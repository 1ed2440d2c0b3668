// The built-in picture: a face drawn by formulas, of nobody. The detector takes it for a face, so that it exercises everything from the PNG to the vector.
import sharp from 'sharp';

const SIZE = 160;
const smooth = (edge0, edge1, x) => {
  const t = Math.min(1, Math.max(0, (x - edge0) / (edge1 - edge0)));
  return t * t * (3 - 2 * t);
};
/** 1 inside an ellipse, 0 outside, soft at its edge. */
function blob(x, y, cx, cy, rx, ry, soft = 0.1) {
  const [u, v] = [(x - cx) / rx, (y - cy) / ry];
  return u > 2 || u < -2 || v > 2 || v < -2 ? 0 : 1 - smooth(1 - soft, 1 + soft, Math.sqrt(u * u + v * v));
}
function mix(under, over, share) {
  if (share > 0) for (let i = 0; i < 3; i++) under[i] += (over[i] - under[i]) * share;
  return under;
}

function colourAt(x, y) {
  let colour = [150 + 20 * y, 160 + 15 * y, 170];
  colour = mix(colour, [60, 45, 35], blob(x, y, 0.5, 0.42, 0.285, 0.34)); // hair
  colour = mix(colour, [186, 140, 118], blob(x, y, 0.5, 0.86, 0.13, 0.2)); // neck
  const light = 1 - 0.35 * Math.sqrt(((x - 0.47) / 0.5) ** 2 + ((y - 0.45) / 0.75) ** 2);
  const skin = [225 * light + 12, 180 * light + 8, 155 * light + 6];
  colour = mix(colour, skin, blob(x, y, 0.5, 0.5, 0.235, 0.315, 0.04));
  for (const side of [-1, 1]) {
    const at = (dx) => 0.5 + side * dx;
    colour = mix(colour, [165, 120, 100], 0.6 * blob(x, y, at(0.1), 0.435, 0.075, 0.045, 0.6)); // socket
    colour = mix(colour, [60, 42, 32], 0.9 * blob(x, y, at(0.105), 0.375 + 0.25 * (x - at(0.105)) ** 2 * 8, 0.068, 0.013, 0.5)); // brow
    colour = mix(colour, [240, 238, 235], blob(x, y, at(0.1), 0.44, 0.046, 0.02, 0.15)); // white
    colour = mix(colour, [70, 50, 35], blob(x, y, at(0.1), 0.44, 0.021, 0.021, 0.2)); // iris
    colour = mix(colour, [15, 12, 10], blob(x, y, at(0.1), 0.44, 0.01, 0.01, 0.3)); // pupil
    colour = mix(colour, [50, 35, 28], 0.8 * blob(x, y, at(0.1), 0.422, 0.05, 0.007, 0.6)); // lid
    colour = mix(colour, [110, 70, 58], 0.8 * blob(x, y, at(0.026), 0.59, 0.016, 0.009, 0.6)); // nostril
    colour = mix(colour, [200, 150, 128], 0.5 * blob(x, y, at(0.047), 0.575, 0.022, 0.026, 0.8)); // wing
    colour = mix(colour, [175, 128, 106], 0.35 * blob(x, y, at(0.035), 0.5, 0.014, 0.08, 0.9)); // side of the nose
    colour = mix(colour, [225, 150, 130], 0.3 * blob(x, y, at(0.14), 0.58, 0.06, 0.05, 0.9)); // cheek
  }
  colour = mix(colour, [245, 205, 182], 0.5 * blob(x, y, 0.5, 0.52, 0.018, 0.07, 0.9)); // ridge
  colour = mix(colour, [150, 105, 88], 0.5 * blob(x, y, 0.5, 0.607, 0.035, 0.012, 0.9)); // below the nose
  colour = mix(colour, [178, 86, 82], 0.9 * blob(x, y, 0.5, 0.675, 0.075, 0.024, 0.3)); // lips
  colour = mix(colour, [95, 40, 40], 0.9 * blob(x, y, 0.5, 0.673, 0.072, 0.004, 0.6)); // between them
  return mix(colour, [165, 118, 98], 0.4 * blob(x, y, 0.5, 0.722, 0.05, 0.012, 0.9)); // above the chin
}

/** It, as PNG. */
export const drawnFace = () => drawing().png({ compressionLevel: 1 }).toBuffer();

/** It, for sharp to go on with. */
export function drawing() {
  const pixels = Buffer.alloc(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const colour = colourAt((x + 0.5) / SIZE, (y + 0.5) / SIZE);
      for (let i = 0; i < 3; i++) pixels[(y * SIZE + x) * 3 + i] = Math.max(0, Math.min(255, Math.round(colour[i])));
    }
  }
  return sharp(pixels, { raw: { width: SIZE, height: SIZE, channels: 3 } });
}
