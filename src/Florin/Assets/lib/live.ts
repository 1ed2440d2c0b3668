// <body data-live="/live"> listens to the person's own events. An element with data-refresh-on="payments.completed wallets.*" loads its
// data-refresh-from (or the page itself) again when one comes, and after a lost connection. The browser sends the last event's id when it reconnects.
// A form that is shown again stands at the address that it was sent to, which is no page: there only what has a data-refresh-from is loaded again.
import htmx from "htmx.org";

export interface LiveEvent {
  topic: string;
  data: unknown;
}

export function live(root: Document): void {
  const address = root.body.dataset["live"];
  if (!address) return;
  const sign = root.getElementById("live-state");
  let lost = false;
  let source: EventSource;
  let last = "";
  const listen = () => {
    source = new EventSource(last ? `${address}?last_event_id=${encodeURIComponent(last)}` : address);
    source.onopen = () => {
      if (lost) refresh(root, undefined);
      lost = false;
      show(sign, "online");
    };
    source.onerror = () => {
      lose();
      // Refused once, such as by a server that starts anew: the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(again, 3000);
    };
    source.onmessage = (message: MessageEvent<string>) => {
      last = message.lastEventId;
      heard(root, message);
    };
  };
  const lose = () => {
    lost = true;
    show(sign, "offline");
  };
  const again = () => {
    if (!lost || !navigator.onLine) return;
    source.close();
    listen(); // from the last event on
  };
  listen();
  addEventListener("offline", lose);
  addEventListener("online", again);
  addEventListener("pagehide", () => source.close());
}

function heard(root: Document, message: MessageEvent<string>): void {
  const said = JSON.parse(message.data) as LiveEvent;
  root.dispatchEvent(new CustomEvent<LiveEvent>("florin:event", { detail: said }));
  refresh(root, said.topic);
}

function refresh(root: Document, topic: string | undefined): void {
  for (const part of root.querySelectorAll<HTMLElement>("[data-refresh-on]")) {
    const wanted = (part.dataset["refreshOn"] ?? "").split(" ");
    if (topic !== undefined && !wanted.some((one) => one === topic || (one.endsWith("*") && topic.startsWith(one.slice(0, -1))))) continue;
    if (!part.id) throw new Error("a part that refreshes itself needs an id");
    const from = part.dataset["refreshFrom"] ?? (root.body.dataset["shownAgain"] === undefined ? location.href : undefined);
    if (from) void htmx.ajax("get", from, { target: part, select: `#${part.id}`, swap: "outerHTML" });
  }
}

function show(sign: HTMLElement | null, state: "online" | "offline"): void {
  if (!sign || sign.dataset["state"] === state) return;
  sign.dataset["state"] = state;
  sign.hidden = state === "online";
}
