// Reads a QR code from the camera or a picture: a wallet's leads to the form that sends, a payment's or shop's to its page. The picture never leaves the
// browser; of what it reads only an EMVCo text does, which the server knows to read.
import jsQR from "jsqr";

const place = document.getElementById("scan")!;
const video = document.getElementById("scan-video") as HTMLVideoElement;
const state = document.getElementById("scan-state")!;
const start = document.getElementById("scan-start") as HTMLButtonElement;
const file = document.getElementById("scan-file") as HTMLInputElement;
const canvas = document.createElement("canvas");
const emv = "000201"; // how every EMVCo code begins
let last = ""; // what was read and led nowhere
const mostPixels = 1600; // enough for a code, and quick on a phone

start.hidden = !navigator.mediaDevices;
start.addEventListener("click", () => void film());
file.addEventListener("change", () => void readFile());

async function film(): Promise<void> {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    say("noCamera");
    return;
  }
  video.hidden = false;
  start.hidden = true;
  await video.play();
  look();
}

function look(): void {
  if (video.hidden) return;
  const text = video.videoWidth > 0 ? read(video, video.videoWidth, video.videoHeight) : undefined;
  if (text === undefined || text === last) requestAnimationFrame(look);
  else void go(text).then((gone) => gone || requestAnimationFrame(look));
}

async function readFile(): Promise<void> {
  const picture = file.files?.[0];
  if (!picture) return;
  try {
    const bitmap = await createImageBitmap(picture);
    const text = read(bitmap, bitmap.width, bitmap.height);
    if (text === undefined) say("none");
    else await go(text);
  } catch {
    say("none");
  }
}

function read(source: CanvasImageSource, width: number, height: number): string | undefined {
  const scale = Math.min(1, mostPixels / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(pixels.data, pixels.width, pixels.height)?.data || undefined;
}

// Only to pages of this site that a code of ours can lead to; whatever host the code names, we stay here.
async function go(text: string): Promise<boolean> {
  const target = /^\d{10}$/.test(text) ? `/wallet/send?to=${text}` : text.startsWith(emv) ? await asked(text) : own(text);
  if (target === undefined) {
    last = text;
    say("unknown");
    return false;
  }
  for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
  location.assign(target);
  return true;
}

async function asked(text: string): Promise<string | undefined> {
  try {
    const answer = await fetch("/v1/qr/verify?payload=" + encodeURIComponent(text));
    return answer.ok ? (((await answer.json()) as { page: string | null }).page ?? undefined) : undefined;
  } catch {
    return undefined; // no connection
  }
}

function own(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const ours = url.pathname === "/wallet/send" || /^\/(pay|pay-anyone)\/[^/]+$/.test(url.pathname);
  return ours && /^https?:$/.test(url.protocol) ? url.pathname + url.search : undefined;
}

function say(what: "unknown" | "none" | "noCamera"): void {
  state.textContent = place.dataset[what] ?? "";
}
