// Bytes to upright RGB pixels, and upright or tilted squares out of those.
import sharp from 'sharp';

export const MAX_BYTES = 8 * 1024 * 1024;
export const MAX_PIXELS = 50_000_000;
const LONGEST = 1280; // pixels of the picture that is looked at: enough for a face of 150 pixels from across a room
const DECODE_SECONDS = 2;
const GREY = { r: 127, g: 127, b: 127 };

sharp.cache(false);
sharp.concurrency(1);
// Of all that libvips can open, SVG and PDF among it, only these two are left.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer'] });

/** A picture that is declined. `status` is HTTP's, `code` is permanent. */
export class Declined extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const bad = () => new Declined(422, 'bad_image', 'the picture cannot be decoded');
const tooLarge = () => new Declined(413, 'too_large', 'at most 8 MB and 50 megapixels');

const starts = (bytes, ...magic) => bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);

/** Which of the two kinds the content is, whatever anybody calls it. */
export function kindOf(bytes) {
  if (starts(bytes, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  return null;
}

/** `{width, height, data}`: RGB, 8 bits, upright by EXIF, and `scale`: pixels of the sender's picture per pixel of this one. */
export async function decode(bytes) {
  if (bytes.length === 0) throw bad();
  if (bytes.length > MAX_BYTES) throw tooLarge();
  const kind = kindOf(bytes);
  if (!kind) throw new Declined(415, 'unsupported_type', 'JPEG or PNG by its content');
  const options = { failOn: 'error', limitInputPixels: MAX_PIXELS, sequentialRead: true, pages: 1 };
  const header = await sharp(bytes, { ...options, limitInputPixels: false }).metadata().catch(() => { throw bad(); });
  if (header.format !== kind || !header.width || !header.height) throw bad();
  if (header.width * header.height > MAX_PIXELS) throw tooLarge();
  try {
    const { data, info } = await sharp(bytes, options)
      .timeout({ seconds: DECODE_SECONDS })
      .autoOrient()
      .resize({ width: LONGEST, height: LONGEST, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: GREY })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const rgb = info.channels === 3 ? data : info.channels === 1 ? repeated(data) : null;
    if (!rgb) throw bad();
    const upright = header.orientation >= 5 ? [header.height, header.width] : [header.width, header.height];
    return { width: info.width, height: info.height, data: rgb, scale: Math.max(...upright) / Math.max(info.width, info.height), full: upright };
  } catch {
    throw bad();
  }
}

function repeated(grey) {
  const rgb = Buffer.allocUnsafe(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i], i * 3, i * 3 + 3);
  return rgb;
}

/**
 * A square out of the picture: centre and side in its pixels, turned by `angle` (radians, clockwise in the picture), as `size`×`size` floats of RGB 0–255.
 * Where the square is larger than its result, each result is the mean of several places (`mostTaps` squared at most), so that nothing shimmers. Outside is grey.
 */
export function square(picture, centre, side, angle, size, mostTaps = 8) {
  const out = new Float32Array(size * size * 3);
  const { width, height, data } = picture;
  const step = side / size;
  const taps = Math.min(mostTaps, Math.max(1, Math.round(step)));
  const cos = Math.cos(angle) * step;
  const sin = Math.sin(angle) * step;
  const share = 1 / (taps * taps);
  let at = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++, at += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let ty = 0; ty < taps; ty++) {
        const v = y + (ty + 0.5) / taps - size / 2;
        for (let tx = 0; tx < taps; tx++) {
          const u = x + (tx + 0.5) / taps - size / 2;
          const px = centre[0] + u * cos - v * sin - 0.5;
          const py = centre[1] + u * sin + v * cos - 0.5;
          const x0 = Math.floor(px);
          const y0 = Math.floor(py);
          if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) {
            r += GREY.r;
            g += GREY.g;
            b += GREY.b;
            continue;
          }
          const fx = px - x0;
          const fy = py - y0;
          const left = x0 < 0 ? 0 : x0;
          const right = x0 + 1 >= width ? width - 1 : x0 + 1;
          const top = (y0 < 0 ? 0 : y0) * width;
          const bottom = (y0 + 1 >= height ? height - 1 : y0 + 1) * width;
          const a = (top + left) * 3;
          const c = (top + right) * 3;
          const d = (bottom + left) * 3;
          const e = (bottom + right) * 3;
          const wa = (1 - fx) * (1 - fy);
          const wc = fx * (1 - fy);
          const wd = (1 - fx) * fy;
          const we = fx * fy;
          r += data[a] * wa + data[c] * wc + data[d] * wd + data[e] * we;
          g += data[a + 1] * wa + data[c + 1] * wc + data[d + 1] * wd + data[e + 1] * we;
          b += data[a + 2] * wa + data[c + 2] * wc + data[d + 2] * wd + data[e + 2] * we;
        }
      }
      out[at] = r * share;
      out[at + 1] = g * share;
      out[at + 2] = b * share;
    }
  }
  return out;
}

/** Its mirror image. */
export function mirrored(pixels, size, out = new Float32Array(pixels.length)) {
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = (y * size + x) * 3;
      const to = (y * size + size - 1 - x) * 3;
      out[to] = pixels[from];
      out[to + 1] = pixels[from + 1];
      out[to + 2] = pixels[from + 2];
    }
  }
  return out;
}
