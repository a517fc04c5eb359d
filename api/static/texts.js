// The texts of the page in the language of the page, as the server put them on `<main>`.

const { texts, titles } = document.querySelector("main").dataset;
const TEXTS = JSON.parse(texts);
const TITLES = JSON.parse(titles);

export function say(key, values = {}) {
  return TEXTS[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function titleOf(problem) {
  return TITLES[problem.code] ?? problem.title;
}

// What a task's state is called; twin of `_status_line` in pages.py.
export function statusLine(task) {
  const { pages_done: done, pages_total: total } = task.progress;
  if (task.partial) return say("status.partial");
  if (task.status === "queued" && task.queue) return say("status.position", { position: task.queue.position });
  if (task.status === "running" && total) return say("status.pages", { done, total });
  return say(`status.${task.status}`);
}

// A size for people; twin of `_size` in pages.py.
export function sizeOf(bytes) {
  const units = say("size.units").split(" ");
  let power = 0;
  let size = bytes;
  for (; size >= 1024 && power < units.length - 1; power += 1) size /= 1024;
  const number = power === 0 || size >= 10 ? size.toFixed(0) : size.toFixed(1).replace(/\.0$/, "");
  return `${number.replace(".", say("size.point"))}\u00a0${units[power]}`;
}
