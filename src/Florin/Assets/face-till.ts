// A payer's face at a till: the server says in which order to turn the head, each step's picture is taken at its end, and all go up together.
import { type Refused, base64, close, open, pause, post, shot } from "./lib/camera";

interface Challenge {
  challenge: string;
  steps: ("front" | "left" | "right")[];
  step_ms: number;
  pin_needed: boolean;
}

const place = document.getElementById("face-till")!;
const form = document.getElementById("face-form") as HTMLFormElement;
const video = document.getElementById("face-video") as HTMLVideoElement;
const view = document.getElementById("face-view")!;
const arrow = document.getElementById("face-arrow")!;
const hint = document.getElementById("face-hint")!;
const progress = document.getElementById("face-progress") as HTMLProgressElement;
const pinPlace = document.getElementById("face-pin")!;
const at = place.dataset["at"]!;

say("ready");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation(); // it is sent here, as often as the cashier likes
  void run();
});

async function run(): Promise<void> {
  const button = form.querySelector("button")!;
  button.disabled = true;
  const field = (name: string): string => (form.elements.namedItem(name) as HTMLInputElement).value.trim();
  try {
    if (!video.srcObject && !(await open(video))) {
      say("noCamera");
      return;
    }
    view.hidden = false;
    const challenge = await post<Challenge>(`${at}/face/challenges`, JSON.stringify({ payer: field("payer") }), { "Content-Type": "application/json" });
    if (challenge.pin_needed && pinPlace.hidden) {
      pinPlace.hidden = false;
      (form.elements.namedItem("pin") as HTMLInputElement).focus();
      say("ready");
      return;
    }
    const frames = await take(challenge);
    say("checking");
    const order = {
      method: "wallet",
      payer: field("payer"),
      ...(pinPlace.hidden || !field("pin") ? {} : { pin: field("pin") }),
      face: { challenge: challenge.challenge, frames },
    };
    await post(`${at}/face/pay`, JSON.stringify(order), { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() });
    say("paid");
    close(video);
    location.assign(place.dataset["done"]!);
  } catch (refused) {
    const why = refused as Refused;
    if (why.code === "face_pin_needed" || why.code === "face_day_limit") pinPlace.hidden = false;
    hint.textContent = why.title ?? place.dataset["failed"] ?? "";
    hint.dataset["code"] = why.code ?? "";
  } finally {
    button.disabled = false;
    progress.hidden = true;
    arrow.className = "face-arrow";
  }
}

async function take(challenge: Challenge): Promise<string[]> {
  const photos: Blob[] = [];
  progress.hidden = false;
  for (const [i, step] of challenge.steps.entries()) {
    say(step);
    arrow.className = `face-arrow ${step}`;
    progress.value = (100 * i) / challenge.steps.length;
    await pause(challenge.step_ms);
    photos.push(await shot(video));
  }
  progress.value = 100;
  return Promise.all(photos.map(base64));
}

function say(what: string): void {
  hint.textContent = place.dataset[what] ?? "";
  delete hint.dataset["code"];
}
