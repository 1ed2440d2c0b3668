// node faces-border.mjs ENGINE SHARE OUT FILE…: the pictures with a grey border of that share of their sides, as 1.png, 2.png … in OUT.
import { createRequire } from 'node:module';
import path from 'node:path';

const [engine, share, out, ...files] = process.argv.slice(2);
const sharp = createRequire(path.join(path.resolve(engine), 'package.json'))('sharp');
for (const [i, file] of files.entries()) {
  const { width, height } = await sharp(file).metadata();
  const [x, y] = [Math.round(width * Number(share)), Math.round(height * Number(share))];
  await sharp(file).extend({ left: x, right: x, top: y, bottom: y, background: '#808080' }).png().toFile(path.join(out, `${i + 1}.png`));
}
