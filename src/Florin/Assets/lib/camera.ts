// The camera of a page: opened on demand, shown in a video element, one JPEG at a time. Pictures leave the browser for our own server only.
const longest = 960; // pixels: enough for a face, small on the wire
const quality = 0.9;
const canvas = document.createElement("canvas");

export async function open(video: HTMLVideoElement): Promise<boolean> {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } } });
  } catch {
    return false;
  }
  await video.play();
  return true;
}

export function close(video: HTMLVideoElement): void {
  for (const track of (video.srcObject as MediaStream | null)?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

// As the camera sees it: what is mirrored on the screen is not mirrored here.
export function shot(video: HTMLVideoElement): Promise<Blob> {
  const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d")!.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/jpeg", quality));
}

export async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export interface Refused {
  code: string;
  title: string;
}

// Posts to a page of ours; what is refused is thrown as Refused.
export async function post<T>(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<T> {
  const token = document.querySelector<HTMLMetaElement>('meta[name="form-token"]')?.content ?? "";
  const answer = await fetch(path, { method: "POST", body, headers: { ...headers, "X-Form-Token": token } });
  const said: unknown = await answer.json();
  if (!answer.ok) throw said;
  return said as T;
}
