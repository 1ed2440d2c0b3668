// Buttons that ask this device for a passkey: data-passkey="/path of the question" posts the device's answer with the form that the button is in.
// They stay hidden where the browser has no passkeys.
interface Question {
  options: unknown;
  state: string;
}

if ("PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential) {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => void ask(button));
  }
}

async function ask(button: HTMLButtonElement): Promise<void> {
  const form = button.form!;
  const problem = form.querySelector<HTMLElement>("[data-passkey-problem]");
  if (!form.reportValidity()) return;
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset["passkey"]!, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const question = (await answer.json()) as Question;
    const credential = button.dataset["make"] === undefined ? await use(question) : await make(question);
    if (!credential) throw new Error("none");
    field(form, "passkey_state", question.state);
    field(form, "passkey_credential", JSON.stringify((credential as PublicKeyCredential).toJSON()));
    form.requestSubmit();
  } catch {
    button.disabled = false;
    if (problem) problem.hidden = false; // the person said no, or the device has none
  }
}

function use(question: Question): Promise<Credential | null> {
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question.options as PublicKeyCredentialRequestOptionsJSON) });
}

function make(question: Question): Promise<Credential | null> {
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question.options as PublicKeyCredentialCreationOptionsJSON) });
}

function field(form: HTMLFormElement, name: string, value: string): void {
  const input = (form.elements.namedItem(name) as HTMLInputElement | null) ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
  input.value = value;
}
