// node odd-pictures.mjs ENGINE OUT: pictures of a drawn face and of nothing, whole, broken and hostile, for FaceEngineTests.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';

const [engine, out] = process.argv.slice(2).map((folder) => path.resolve(folder));
const sharp = createRequire(path.join(engine, 'package.json'))('sharp');
const { drawnFace } = await import(pathToFileURL(path.join(engine, 'drawn-face.mjs')));
const save = (name, bytes) => writeFileSync(path.join(out, name), bytes);
const grey = { r: 128, g: 128, b: 128 };

const face = await drawnFace();
const large = await sharp(face).resize(400).png().toBuffer();
const jpeg = await sharp(large).jpeg({ quality: 90 }).toBuffer();
save('face.png', large);
save('face.jpg', jpeg);
save('face-on-its-side-by-exif.jpg', await sharp(large).extend({ top: 0, bottom: 60, background: grey }).rotate(-90).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer());
save('face-progressive.jpg', await sharp(large).jpeg({ progressive: true }).toBuffer());
save('face-cmyk.jpg', await sharp(large).toColourspace('cmyk').jpeg().toBuffer());
save('face-16-bit.png', await sharp(large).toColourspace('rgb16').png().toBuffer());
save('face-with-alpha.png', await sharp(large).ensureAlpha(0.9).png().toBuffer());
save('face-grey.png', await sharp(large).toColourspace('b-w').png().toBuffer());
save('face-small.png', await sharp(face).resize(72).extend({ left: 150, right: 150, top: 150, bottom: 150, background: grey }).png().toBuffer());
save('face-dark.png', await sharp(large).linear(0.12, 0).png().toBuffer());
save('faces-two.png', await sharp(large).extend({ right: 400, background: grey }).composite([{ input: large, left: 400, top: 0 }]).png().toBuffer());
save('nothing.png', await sharp({ create: { width: 300, height: 200, channels: 3, background: grey } }).png().toBuffer());
save('noise.png', await sharp({ create: { width: 300, height: 300, channels: 3, background: grey, noise: { type: 'gaussian', mean: 128, sigma: 60 } } }).png().toBuffer());
const one = await sharp({ create: { width: 1, height: 1, channels: 3, background: grey } }).png().toBuffer();
save('one-pixel.png', one);
save('thread.png', await sharp({ create: { width: 1, height: 5000, channels: 3, background: grey } }).png().toBuffer());
save('face-and-a-script.jpg', Buffer.concat([jpeg, Buffer.from('<script>alert(1)</script>PK\x03\x04')]));

save('cut-short.jpg', jpeg.subarray(0, jpeg.length * 0.6));
save('cut-short.png', large.subarray(0, large.length * 0.6));
save('header-only.jpg', jpeg.subarray(0, 20));
save('words-as-jpeg.jpg', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')]));
save('words-as-png.png', Buffer.concat([one.subarray(0, 8), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')]));
save('missing-pixels.png', withSize(7000, 7000)); // 49 megapixels by its header
save('bomb.png', withSize(30_000, 30_000));
save('bomb.jpg', bombJpeg());
save('drawing.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><circle cx="150" cy="150" r="99"/></svg>'));
save('face.webp', await sharp(large).webp().toBuffer());
save('face.gif', await sharp(large).gif().toBuffer());
save('face.tiff', await sharp(large).tiff().toBuffer());
save('words.txt', Buffer.from('%PDF-1.7 no picture at all'));

function withSize(width, height) {
  const png = Buffer.from(one);
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

function bombJpeg() {
  const bomb = Buffer.from(jpeg);
  for (let at = 2; at < bomb.length; at += 2 + bomb.readUInt16BE(at + 2)) {
    if (bomb[at + 1] === 0xc0) {
      bomb.writeUInt16BE(65_500, at + 5);
      bomb.writeUInt16BE(65_500, at + 7);
      return bomb;
    }
  }
  throw new Error('no frame header');
}
