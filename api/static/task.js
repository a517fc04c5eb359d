// Keeps the page of a task up to date and shows each page as it is done.

import { copy, showCopyButtons } from "./copy.js";
import { follow, isFinal } from "./poll.js";
import { say, statusLine, titleOf } from "./texts.js";

const main = document.querySelector("main");
const sheets = document.getElementById("sheets");
const standing = document.querySelector(".standing");
const trouble = document.getElementById("trouble");
const progress = document.getElementById("progress");
const cancel = document.getElementById("cancel");
const remove = document.getElementById("delete");
let asking = false;

for (const time of document.querySelectorAll("time")) {
  const format = { dateStyle: "medium", timeStyle: "short" };
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, format);
}
main.addEventListener("click", copy);
cancel.addEventListener("click", cancelTask);
remove.addEventListener("click", deleteTask);
showCopyButtons();
showEnding("final" in main.dataset);
if (!("final" in main.dataset)) {
  follow(main.dataset.url, { onTask: showTask, onTrouble: () => setText(trouble, say("trouble.retrying")) }).then(
    (problem) => problem && showEnd(problem),
  );
}

function showTask(task) {
  setText(trouble, "");
  setText(document.getElementById("status"), statusLine(task));
  document.title = `${statusLine(task)} · ${task.filename}`;
  standing.dataset.status = task.status;
  if (task.status === "running") progress.value = task.progress.percent;
  showEnding(isFinal(task));
  if (task.status === "failed") showProblem(task.error);
  if (task.result) showResult(task.result);
  else if (task.progress.pages_done > sheets.children.length) showPagesSoFar(task);
}

// An open task can be cancelled, and one that is over deleted.
function showEnding(over) {
  progress.hidden = over;
  cancel.hidden = over;
  remove.hidden = !over;
}

// That the task is over is told by the next poll.
async function cancelTask(event) {
  event.preventDefault();
  cancel.disabled = true;
  await call("POST", `${main.dataset.url}/cancel`);
  cancel.disabled = false;
}

async function deleteTask(event) {
  event.preventDefault();
  if (!window.confirm(say("task.delete_sure"))) return;
  if (await call("DELETE", main.dataset.url)) location.assign(document.querySelector(".again").href);
}

// Whether the service did it; if not, the page says why.
async function call(method, url) {
  try {
    const response = await fetch(url, { method, headers: { Accept: "application/json" } });
    // A task that has finished meanwhile shows so itself.
    if (!response.ok && response.status !== 409) setText(trouble, titleOf(await response.json()));
    return response.ok;
  } catch {
    setText(trouble, say("trouble.failed"));
    return false;
  }
}

// The task is there no longer, or not for this person.
function showEnd(problem) {
  progress.hidden = cancel.hidden = remove.hidden = true;
  setText(trouble, "");
  standing.dataset.status = "failed";
  setText(document.getElementById("status"), say("status.failed"));
  showProblem(problem);
}

function showProblem(problem) {
  const section = document.getElementById("problem");
  setText(section.querySelector("h2"), titleOf(problem));
  setText(section.querySelector("p"), problem.detail ?? "");
  section.hidden = false;
}

function showResult(result) {
  const recognized = isRecognized(result);
  const links = { json: true, ...(recognized ? result.links : {}) };
  for (const link of document.querySelectorAll("[data-format]")) link.hidden = !(link.dataset.format in links);
  document.getElementById("downloads").hidden = false;
  if (recognized) {
    sheets.replaceChildren(...result.pages.map(makeSheet));
    showWarnings(result.warnings ?? []);
  } else {
    const raw = document.getElementById("raw");
    setText(raw.querySelector("pre"), JSON.stringify(result, null, 2));
    raw.hidden = false;
  }
  showCopyButtons();
}

// A user's own `process_image` may return any JSON object.
function isRecognized(result) {
  const isPage = (page) => ["number", "text", "confidence", "error"].every((name) => Object.hasOwn(page ?? {}, name));
  return Array.isArray(result.pages) && result.pages.every(isPage);
}

function showWarnings(warnings) {
  const section = document.getElementById("warnings");
  const items = warnings.map((warning) => {
    const item = document.createElement("li");
    item.textContent = warning;
    return item;
  });
  section.querySelector("ul").replaceChildren(...items);
  section.hidden = !warnings.length;
}

// Pages of a task that still runs, in reading order, up to the first that is not done.
async function showPagesSoFar(task) {
  if (asking) return;
  asking = true;
  try {
    for (const number of pageNumbers(task).slice(sheets.children.length)) {
      const response = await fetch(`${main.dataset.url}/pages/${number}`, { headers: { Accept: "application/json" } });
      if (!response.ok || sheets.querySelector(`[data-number="${number}"]`)) break;
      sheets.append(makeSheet(await response.json()));
      showCopyButtons();
      if (sheets.children.length >= task.progress.pages_done) break;
    }
  } catch {
    // Only an early look: the whole result comes in any case.
  } finally {
    asking = false;
  }
}

// The numbers that the option `pages` names, or all.
function pageNumbers(task) {
  const ranges = task.options?.pages?.split(",") ?? [`1-${task.progress.pages_total}`];
  const numbers = ranges.flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);
  });
  return [...new Set(numbers)].sort((one, other) => one - other);
}

function makeSheet(page) {
  const sheet = document.getElementById("sheet").content.firstElementChild.cloneNode(true);
  const confidence = sheet.querySelector(".confidence");
  const find = (selector) => sheet.querySelector(selector);
  sheet.dataset.number = page.number;
  setText(find("h2"), say("task.page", { number: page.number }));
  setText(confidence, say("task.confidence", { percent: Math.round(page.confidence) }));
  confidence.dataset.level = levelOf(page.confidence);
  setText(find(".text"), page.text);
  setText(find(".problem"), page.error ? titleOf(page.error) : "");
  confidence.hidden = Boolean(page.error || !page.text);
  find(".problem").hidden = !page.error;
  find(".nothing").hidden = Boolean(page.error || page.text);
  find(".text").hidden = !page.text;
  return sheet;
}

function levelOf(confidence) {
  if (confidence >= Number(main.dataset.good)) return "good";
  return confidence >= Number(main.dataset.fair) ? "fair" : "poor";
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
