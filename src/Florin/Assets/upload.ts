// A form that sends a file shows how much has arrived. Without scripts it is sent as any form.
document.querySelectorAll<HTMLFormElement>("form[data-upload]").forEach((form) => form.addEventListener("submit", (event) => send(event, form)));

function send(event: SubmitEvent, form: HTMLFormElement): void {
  const bar = form.querySelector("progress");
  const lost = form.querySelector<HTMLElement>("[data-upload-lost]");
  if (!bar || !lost) return;
  event.preventDefault();
  if (form.dataset["sending"] !== undefined) return;
  form.dataset["sending"] = "";
  bar.hidden = false;
  lost.hidden = true;
  const request = new XMLHttpRequest();
  request.upload.onprogress = (part) => {
    if (part.lengthComputable) bar.value = (100 * part.loaded) / part.total;
  };
  request.onload = () => {
    const done = request.responseURL && new URL(request.responseURL).pathname !== location.pathname;
    if (done) location.assign(request.responseURL);
    else show(request.responseText);
  };
  request.onerror = () => {
    // The key in the form stays: what arrived after all is not sent twice.
    bar.hidden = true;
    lost.hidden = false;
    release(form);
  };
  request.open("POST", form.action);
  request.send(new FormData(form));
}

// The same page with what is wrong.
function show(html: string): void {
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (!main) return location.reload();
  document.querySelector("main")?.replaceWith(main);
  main.querySelectorAll<HTMLFormElement>("form[data-upload]").forEach((form) => form.addEventListener("submit", (event) => send(event, form)));
  main.querySelector<HTMLElement>("[role=alert]:not([hidden])")?.scrollIntoView();
}

function release(form: HTMLFormElement): void {
  delete form.dataset["sending"];
  form.querySelectorAll<HTMLButtonElement>("button[data-sent]").forEach((button) => {
    delete button.dataset["sent"];
    button.removeAttribute("aria-disabled");
    button.classList.remove("btn-loading");
  });
}
