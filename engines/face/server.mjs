// The face engine: HTTP on a unix socket. node server.mjs --socket PATH [--until-stdin-ends]
// Keeps nothing, logs no picture and no vector, calls nobody. README.md has the contract.
import './sealed.mjs';
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DIM, MODEL_ID, describe } from './describe.mjs';
import { load, weightsSha256 } from './models.mjs';
import { Declined, MAX_BYTES } from './picture.mjs';
import { isReady } from './ready.mjs';
import { watch } from './watchdog.mjs';

const WAITING = 8; // pictures at most, the one that is looked at included

const { values: options } = parseArgs({ options: { socket: { type: 'string' }, 'until-stdin-ends': { type: 'boolean', default: false } } });
if (!options.socket) throw new Error('usage: node server.mjs --socket PATH [--until-stdin-ends]');
const socket = path.resolve(options.socket);

let models = null;
let waiting = 0;
let pictures = 0;
let last = Promise.resolve();
const watchdog = watch();

const version = { contract: 1, modality: 'face', engine: 'florin-face/1.0.0', model_id: MODEL_ID, dim: DIM, metric: 'cosine', weights_sha256: weightsSha256 };
const health = () => ({ status: models ? 'ready' : 'loading', pictures, rss_mb: Math.round(process.memoryUsage.rss() / 2 ** 20) });

function answer(response, status, body) {
  const text = JSON.stringify(body);
  // What is left of a body that is not read would be taken for the next request.
  const end = response.req.complete ? {} : { connection: 'close' };
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...end }).end(text);
}

const decline = (status, code, message) => new Declined(status, code, message);

async function bodyOf(request) {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BYTES) throw decline(413, 'too_large', 'at most 8 MB');
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > MAX_BYTES) throw decline(413, 'too_large', 'at most 8 MB');
    parts.push(part);
  }
  return Buffer.concat(parts, length);
}

// One picture at a time: the libraries keep state between their calls.
async function inTurn(work) {
  if (waiting >= WAITING) throw decline(429, 'busy', 'too many pictures wait');
  waiting++;
  const turn = last.then(async () => {
    watchdog.busy(true);
    try {
      return await work();
    } finally {
      watchdog.busy(false);
      waiting--;
      pictures++;
    }
  });
  last = turn.catch(() => {});
  return turn;
}

async function describeBody(request, query) {
  const purpose = query.get('purpose');
  if (purpose !== 'enrol' && purpose !== 'verify') throw decline(400, 'bad_purpose', 'purpose is enrol or verify');
  if (!models) throw decline(503, 'loading', 'not ready yet');
  const body = await bodyOf(request);
  return inTurn(() => describe(models, body, purpose));
}

async function route(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://engine');
  const is = (method, name) => request.method === method && pathname === name;
  if (is('GET', '/v1/health')) return answer(response, models ? 200 : 503, health());
  if (is('GET', '/v1/version')) return answer(response, 200, version);
  if (is('POST', '/v1/describe')) return answer(response, 200, await describeBody(request, searchParams));
  throw decline(404, 'not_found', 'no such route');
}

const server = http.createServer({ maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 60_000 }, (request, response) => {
  route(request, response).catch((fault) => {
    if (response.destroyed) return;
    if (fault instanceof Declined) return answer(response, fault.status, { code: fault.code, message: fault.message });
    if (request.destroyed && !request.complete) return response.destroy(); // the caller went away
    console.error(`a picture failed: ${fault?.name ?? 'error'}`); // its message might hold something of the picture
    answer(response, 500, { code: 'internal', message: 'the engine failed on this picture' });
  });
});
server.maxConnections = 32;

function listen() {
  const folder = path.dirname(socket);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (statSync(folder).mode & 0o077) throw new Error(`${folder} must be open to its owner only (chmod 700)`);
  rmSync(socket, { force: true });
  process.umask(0o177);
  server.listen(socket, () => chmodSync(socket, 0o600));
}

function stop() {
  rmSync(socket, { force: true });
  if (options['until-stdin-ends']) rmSync(path.dirname(socket), { recursive: true, force: true }); // it was made for this process alone
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
if (options['until-stdin-ends']) {
  process.stdin.on('end', stop).on('error', stop).resume(); // whoever started us is gone
}

listen();
const loaded = await load();
await isReady(loaded);
models = loaded;
console.error(`ready after ${process.uptime().toFixed(2)} s`);
