// <time data-local> shows its moment in the reader's own zone and language; without scripts it stands there in UTC.
export function localTimes(root: ParentNode): void {
  const language = document.documentElement.lang || undefined;
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const at = new Date(time.dateTime);
    const style: Intl.DateTimeFormatOptions = time.dataset["local"] === "date" ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
    time.textContent = new Intl.DateTimeFormat(language, style).format(at);
    time.title = at.toISOString();
    time.removeAttribute("data-local");
  }
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-countdown]")) countDown(time);
}

function countDown(time: HTMLTimeElement): void {
  const end = new Date(time.dateTime).getTime();
  time.removeAttribute("data-countdown");
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    const hours = Math.floor(left / 3600);
    const minutes = Math.floor((left % 3600) / 60);
    const text = `${hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}` : minutes}:${String(left % 60).padStart(2, "0")}`;
    if (time.textContent !== text) time.textContent = text;
    if (left === 0) {
      clearInterval(timer);
      time.dispatchEvent(new CustomEvent("florin:ended", { bubbles: true }));
    }
  };
  const timer = setInterval(tick, 1000);
  tick();
}
