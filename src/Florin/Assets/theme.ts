// Stands in the head and runs before anything is painted: dark where the reader chose it, or their device says so.
const chosen = document.documentElement.dataset["theme"];
const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
