// A form that is sent without a connection stays as it is and says so, instead of losing what was typed to the browser's error page.
export function keepForms(root: Document): void {
  root.addEventListener(
    "submit",
    (event) => {
      if (navigator.onLine) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const form = event.target as HTMLFormElement;
      const text = root.querySelector<HTMLElement>("[data-offline]")?.dataset["offline"] ?? "";
      const note = form.querySelector<HTMLElement>(".offline-note") ?? form.insertBefore(root.createElement("p"), form.firstChild);
      note.className = "offline-note alert alert-warning";
      note.setAttribute("role", "alert");
      note.textContent = text;
    },
    true,
  );
  addEventListener("online", () => root.querySelectorAll(".offline-note").forEach((note) => note.remove()));
}
