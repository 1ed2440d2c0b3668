// Takes the photos that enrol a face: looks at the camera twice a second, says what to mend, and keeps each photo that is good.
import { type Refused, close, open, pause, post, shot } from "./lib/camera";

interface Check {
  ok: boolean;
  message?: string;
  yaw?: number;
}

const place = document.getElementById("face")!;
const video = document.getElementById("face-video") as HTMLVideoElement;
const view = document.getElementById("face-view")!;
const hint = document.getElementById("face-hint")!;
const dots = [...document.querySelectorAll("#face-dots li")];
const agree = document.getElementById("face-agree") as HTMLInputElement;
const start = document.getElementById("face-start") as HTMLButtonElement;
const password = document.getElementById("face-password") as HTMLInputElement;
const betweenChecks = 500;
const mostTries = 120; // a minute

// Straight, and a little to both sides: degrees to the person's own left.
const poses = [
  { say: "look", good: (yaw: number) => Math.abs(yaw) <= 8 },
  { say: "left", good: (yaw: number) => yaw >= 6 && yaw <= 24 },
  { say: "right", good: (yaw: number) => yaw <= -6 && yaw >= -24 },
] as const;

agree.addEventListener("change", () => (start.disabled = !agree.checked));
start.disabled = !agree.checked;
start.addEventListener("click", () => void run());

async function run(): Promise<void> {
  start.disabled = true;
  if (!(await open(video))) {
    say("noCamera");
    start.disabled = false;
    return;
  }
  view.hidden = false;
  try {
    const consent = place.dataset["mode"] === "consent";
    const photos: Blob[] = [];
    for (const [i, pose] of (consent ? poses.slice(0, 1) : poses).entries()) {
      photos.push(await good(pose));
      dots[i]?.classList.add("done");
    }
    say("sending");
    const form = new FormData();
    form.append("consent", place.dataset["consent"] ?? "");
    if (password.value) form.append("password", password.value);
    for (const photo of photos) form.append(consent ? "photo" : "photos", photo, "photo.jpg");
    await post(consent ? "/account/face/consent" : "/account/face/photos", form);
    location.assign("/account/face?saved=1");
  } catch (refused) {
    hint.textContent = (refused as Refused).title ?? place.dataset["failed"] ?? "";
    for (const dot of dots) dot.classList.remove("done");
    start.disabled = false;
  } finally {
    close(video);
    view.hidden = true;
  }
}

async function good(pose: (typeof poses)[number]): Promise<Blob> {
  say(pose.say);
  for (let i = 0; i < mostTries; i++) {
    const photo = await shot(video);
    const check = await post<Check>("/account/face/check", photo, { "Content-Type": "image/jpeg" });
    if (check.ok && pose.good(check.yaw ?? 0)) {
      say("good");
      return photo;
    }
    if (check.ok) say(pose.say);
    else hint.textContent = check.message ?? "";
    await pause(betweenChecks);
  }
  throw { code: "", title: place.dataset["failed"] ?? "" } satisfies Refused;
}

function say(what: string): void {
  hint.textContent = place.dataset[what] ?? "";
}
