// A thread that ends the process when one picture takes too long or memory runs away: the thread that looks at pictures cannot notice either itself.
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const MOST_SECONDS = 5;
const MOST_BYTES = 1200 * 1024 * 1024;

/** Starts it. `busy(true)` before a picture, `busy(false)` after it. */
export function watch() {
  const since = new Int32Array(new SharedArrayBuffer(4)); // seconds of this process's life, 0 while idle
  new Worker(fileURLToPath(import.meta.url), { workerData: since, resourceLimits: { maxOldGenerationSizeMb: 16 } }).unref();
  return { busy: (now) => Atomics.store(since, 0, now ? Math.ceil(process.uptime()) : 0) };
}

if (!isMainThread) {
  setInterval(() => {
    const begun = Atomics.load(workerData, 0);
    if ((begun > 0 && process.uptime() - begun > MOST_SECONDS) || process.memoryUsage.rss() > MOST_BYTES) process.kill(process.pid, 'SIGKILL');
  }, 250);
}
