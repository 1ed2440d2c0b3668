// The networks: their files are checked against weights.json before anything is made of them, and come from disk only.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = path.dirname(fileURLToPath(import.meta.url));
export const tf = require('@tensorflow/tfjs-core');
const { loadGraphModel } = require('@tensorflow/tfjs-converter');
require('@tensorflow/tfjs-backend-wasm');

const pins = JSON.parse(readFileSync(path.join(here, 'weights.json'), 'utf8'));

/** One digest for all of them: what `GET /v1/version` tells. */
export const weightsSha256 = createHash('sha256').update(Object.entries(pins).sort().map(([name, hash]) => `${name} ${hash}\n`).join('')).digest('hex');

function pinned(name) {
  const bytes = readFileSync(path.join(here, 'node_modules', name));
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (hash !== pins[name]) throw new Error(`${name} is not what weights.json pins`);
  return bytes;
}

const slice = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

async function graph(name) {
  const model = JSON.parse(pinned(`@vladmandic/human/models/${name}.json`));
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  return loadGraphModel({
    load: async () => ({ ...model, modelTopology: model.modelTopology, weightSpecs, weightData: slice(pinned(`@vladmandic/human/models/${name}.bin`)) }),
  });
}

// face-api's recognition network, a ResNet of dlib's, in as few steps as it needs: the scale after each convolution is folded into its filters.
function recognition() {
  const folder = '@vladmandic/face-api/model/face_recognition_model';
  const specs = JSON.parse(pinned(`${folder}-weights_manifest.json`)).flatMap((group) => group.weights);
  const weights = tf.io.decodeWeights(slice(pinned(`${folder}.bin`)), specs);
  const folded = (name) =>
    tf.tidy(() => {
      const scale = weights[`${name}/scale/weights`];
      return {
        filter: tf.keep(tf.mul(weights[`${name}/conv/filters`], scale)),
        bias: tf.keep(tf.add(tf.mul(weights[`${name}/conv/bias`], scale), weights[`${name}/scale/biases`])),
      };
    });
  const conv = (x, layer, strides, pad, activation) =>
    tf.fused.conv2d({ x, filter: layer.filter, bias: layer.bias, strides, pad, activation, dataFormat: 'NHWC', dilations: [1, 1] });
  const first = folded('conv32_down');
  const blocks = ['32_1', '32_2', '32_3', '64_down', '64_1', '64_2', '64_3', '128_down', '128_1', '128_2', '256_down', '256_1', '256_2', '256_down_out'].map((name) => ({
    down: name.includes('down'),
    one: folded(`conv${name}/conv1`),
    two: folded(`conv${name}/conv2`),
  }));
  const last = tf.keep(weights.fc);
  for (const [name, tensor] of Object.entries(weights)) if (name !== 'fc') tensor.dispose();
  const mean = tf.keep(tf.tensor1d([122.782, 117.001, 104.298]));

  const residual = (x, { one, two }) => tf.relu(tf.add(conv(conv(x, one, 1, 'same', 'relu'), two, 1, 'same', 'linear'), x));
  const down = (x, { one, two }) => {
    let out = conv(conv(x, one, 2, 'valid', 'relu'), two, 1, 'same', 'linear');
    let pooled = tf.avgPool(x, 2, 2, 'valid');
    const [, height, width, depth] = pooled.shape;
    if (out.shape[1] !== height || out.shape[2] !== width) out = tf.pad(out, [[0, 0], [0, height - out.shape[1]], [0, width - out.shape[2]], [0, 0]]);
    if (depth !== out.shape[3]) pooled = tf.pad(pooled, [[0, 0], [0, 0], [0, 0], [0, out.shape[3] - depth]]);
    return tf.relu(tf.add(pooled, out));
  };
  return (batch) =>
    tf.tidy(() => {
      let out = conv(tf.div(tf.sub(batch, mean), 255), first, 2, 'valid', 'relu');
      out = tf.maxPool(out, 3, 2, 'valid');
      for (const block of blocks) out = block.down ? down(out, block) : residual(out, block);
      return tf.matMul(tf.mean(out, [1, 2]), last);
    });
}

/** Loads all: `detector`, `mesh` and `spoof` are graph models, `vectors` a function from a batch of crops. */
export async function load() {
  // One core, no worker threads; each must be set before the backend starts.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  tf.env().set('KEEP_INTERMEDIATE_TENSORS', false);
  await tf.setBackend('wasm');
  await tf.ready();
  return {
    detector: await graph('blazeface'),
    mesh: await graph('facemesh'),
    antispoof: await graph('antispoof'),
    liveness: await graph('liveness'),
    vectors: recognition(),
  };
}
