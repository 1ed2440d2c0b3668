// Every page loads this: partial updates, times in the reader's own zone, live events, forms that are sent once.
import htmx from "htmx.org";
import { live } from "./lib/live";
import { localTimes } from "./lib/times";

htmx.config.allowEval = false; // the content security policy has none
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // no balances in the browser's storage

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="form-token"]')?.content;
  if (token) (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers["X-Form-Token"] = token;
});
document.addEventListener("htmx:afterSettle", () => localTimes(document));
document.addEventListener("submit", once);
document.addEventListener("click", act);
document.addEventListener("change", (event) => {
  const field = event.target as HTMLElement;
  if (field.matches("[data-submit-on-change]")) (field as HTMLSelectElement).form?.requestSubmit();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll<HTMLButtonElement>("button[data-sent]").forEach((button) => release(button));
});

localTimes(document);
live(document);

// Of places that are more than the window is wide, the one where one is comes into sight.
for (const here of document.querySelectorAll<HTMLElement>(".portal-nav [aria-current=page]")) {
  const nav = here.parentElement!;
  nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
}

// A second click while the first is on its way changes nothing.
function once(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const sent = form.querySelector<HTMLButtonElement>("button[data-sent]");
  if (sent) {
    event.preventDefault();
    return;
  }
  const ask = (event.submitter as HTMLElement | null)?.dataset["confirm"];
  if (ask && !confirm(ask)) {
    event.preventDefault();
    return;
  }
  const button = (event.submitter ?? form.querySelector("button:not([type=button])")) as HTMLButtonElement | null;
  if (button && form.method !== "get" && form.method !== "dialog") {
    button.dataset["sent"] = "";
    button.setAttribute("aria-disabled", "true");
    button.classList.add("btn-loading");
  }
}

function release(button: HTMLButtonElement): void {
  delete button.dataset["sent"];
  button.removeAttribute("aria-disabled");
  button.classList.remove("btn-loading");
}

function act(event: MouseEvent): void {
  const target = (event.target as HTMLElement).closest<HTMLElement>("[data-print],[data-copy],[data-back]");
  if (!target) return;
  if (target.dataset["print"] !== undefined) print();
  if (target.dataset["back"] !== undefined) history.back();
  const text = target.dataset["copy"];
  if (text !== undefined) {
    void navigator.clipboard?.writeText(text).then(() => {
      const before = target.textContent;
      target.textContent = target.dataset["copied"] ?? "✓";
      setTimeout(() => (target.textContent = before), 1500);
    });
  }
}
