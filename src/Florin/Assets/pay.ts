// The payer's page looks whether its payment was paid, cancelled or refused elsewhere meanwhile, and shows itself again when it was.
interface Payment {
  state: string;
}

const part = document.querySelector<HTMLElement>("[data-pay-watch]");
const settled = ["completed", "partially_refunded", "refunded", "failed", "cancelled", "expired"];
const every = 3000;
let timer = 0;

if (part && !settled.includes(part.dataset["payState"] ?? "")) {
  document.addEventListener("visibilitychange", () => void look(part));
  document.addEventListener("florin:event", () => void look(part));
  part.addEventListener("florin:ended", () => void look(part));
  later(part);
}

function later(part: HTMLElement): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void look(part), every);
}

async function look(part: HTMLElement): Promise<void> {
  if (document.visibilityState === "visible" && (await changed(part))) location.replace(part.dataset["payAddress"] ?? "/");
  else later(part);
}

// The server's clock decides what is over, and somebody who types their PIN is not disturbed because a card was tried meanwhile.
async function changed(part: HTMLElement): Promise<boolean> {
  try {
    const answer = await fetch(part.dataset["payWatch"] ?? "", { cache: "no-store" });
    if (!answer.ok) return false;
    const shown = part.dataset["payState"];
    const { state } = (await answer.json()) as Payment;
    const over = Date.parse(answer.headers.get("date") ?? "") >= Date.parse(part.dataset["payUntil"] ?? "");
    return (state !== shown && !(shown === "pending" && state === "processing")) || (over && state === "pending");
  } catch {
    return false; // no connection: the next look finds out
  }
}
