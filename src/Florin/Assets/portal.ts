// The pages of a shop: keypad, full screen, sound and messages when money comes, and forms that wait for a lost connection.
import type { LiveEvent } from "./lib/live";
import { keepForms } from "./lib/offline";

interface Paid {
  id: string;
  amount: { amount: string; currency: string };
  subject?: { shop?: string };
}

const quiet = 1000; // what comes in one burst, such as after a lost connection, rings once
let rang = 0;
let returning: ReturnType<typeof setTimeout> | undefined;

document.cookie = `florin_zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/portal; max-age=31536000; samesite=lax`;
keepForms(document);
document.addEventListener("click", clicked);
document.addEventListener("florin:event", (event) => heard((event as CustomEvent<LiveEvent>).detail));
document.addEventListener("htmx:afterSettle", dress);
document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean }>).detail;
  if (answer.xhr.status === 422) {
    answer.shouldSwap = true; // a form that is shown again
    answer.isError = false;
  }
  // Led elsewhere, such as to the sign-in: go there.
  if (answer.shouldSwap && document.querySelector(".till #till") && !answer.xhr.responseText.includes('id="till"')) {
    answer.shouldSwap = false;
    location.href = answer.xhr.responseURL;
  }
});
dress();

function dress(): void {
  for (const pad of document.querySelectorAll<HTMLElement>("[data-keypad]")) {
    pad.hidden = false;
    field(pad)?.setAttribute("inputmode", "none"); // the keypad is enough
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-mute]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(muted(button.dataset["mute"] ?? "")));
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-fullscreen]")) button.hidden = !document.fullscreenEnabled;
  clearTimeout(returning);
  const back = document.querySelector<HTMLAnchorElement>("a[data-return]");
  if (back) returning = setTimeout(() => back.click(), Number(back.dataset["return"]) * 1000);
}

function clicked(event: MouseEvent): void {
  const target = event.target as HTMLElement;
  const key = target.closest<HTMLElement>("[data-key]");
  if (key) press(key);
  const mute = target.closest<HTMLElement>("[data-mute]");
  if (mute) {
    const name = mute.dataset["mute"] ?? "";
    localStorage.setItem(`florin.mute.${name}`, muted(name) ? "" : "1");
    dress();
  }
  if (target.closest("[data-fullscreen]")) void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
}

function field(pad: HTMLElement): HTMLInputElement | null {
  return pad.closest("form")?.querySelector<HTMLInputElement>(`[name="${pad.dataset["keypad"]}"]`) ?? null;
}

function press(key: HTMLElement): void {
  const input = field(key.closest<HTMLElement>("[data-keypad]") as HTMLElement);
  if (!input) return;
  const pressed = key.dataset["key"] ?? "";
  if (pressed === "back") input.value = input.value.slice(0, -1);
  else if (pressed !== "." || !/[.,]/.test(input.value)) input.value += pressed;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function muted(what: string): boolean {
  return localStorage.getItem(`florin.mute.${what}`) === "1";
}

function heard(event: LiveEvent): void {
  if (event.topic !== "payments.completed") return;
  const payment = (event as unknown as { payload: Paid }).payload;
  const portal = document.getElementById("portal");
  if (!portal || payment.subject?.shop !== portal.dataset["shop"]) return;
  if (!muted("sound") && Date.now() - rang > quiet) {
    rang = Date.now();
    ring();
  }
  const here = document.querySelector<HTMLElement>("[data-payment-shown]")?.dataset["paymentShown"] === payment.id;
  if (!muted("toast") && !here) tell(`${portal.dataset["paid"]}: ${payment.amount.amount} ${payment.amount.currency}`, payment.id);
}

function tell(text: string, payment: string): void {
  const link = document.createElement("a");
  link.className = "toast-note";
  link.href = `/portal/payments/${payment}`;
  link.textContent = text;
  document.getElementById("toasts")?.append(link);
  setTimeout(() => link.remove(), 6000);
}

// Two rising tones; no file to load, and nothing where the browser does not allow it yet.
function ring(): void {
  const audio = new AudioContext();
  [660, 990].forEach((pitch, index) => {
    const start = audio.currentTime + index * 0.14;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.2, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.3);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  });
  document.documentElement.dataset["rang"] = String(Number(document.documentElement.dataset["rang"] ?? 0) + 1);
  setTimeout(() => void audio.close(), 1000);
}
