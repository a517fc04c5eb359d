// Several documents at once: each becomes a task of its own, with its upload's progress and a link to its page.

import { follow } from "./poll.js";
import { say, sizeOf, statusLine, titleOf } from "./texts.js";

const SENT_AT_ONCE = 2;

const form = document.querySelector("form");
const input = form.elements.file;
const list = document.getElementById("uploads");
const drop = document.getElementById("drop");
const label = drop.querySelector("label");
const mostBytes = Number(document.querySelector("main").dataset.maxBytes);
let chosen = [];

input.multiple = true;
label.textContent = label.dataset.scripted;
input.addEventListener("change", () => choose([...input.files]));
form.addEventListener("submit", send);
form.addEventListener("click", remove);
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  add(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => add(event.clipboardData.files));
// After "back", a browser restores the input's files but not the list of them, or the whole page as it was left.
choose([...input.files]);
window.addEventListener("pageshow", ({ persisted }) => persisted && freeze(false));

function add(files) {
  if (!files.length || form.classList.contains("sending")) return;
  choose([...chosen, ...files]);
  form.querySelector("[type=submit]").focus();
}

// The input itself keeps what is chosen, so that it alone decides whether the form may be sent.
function choose(files) {
  chosen = files;
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  for (const row of unsentRows()) row.remove();
  list.append(...files.map(makeRow));
}

// What was sent stays on view, as a link.
function unsentRows() {
  return [...list.querySelectorAll("li:not([data-status])")];
}

function makeRow(file) {
  const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
  row.querySelector(".name").textContent = file.name;
  row.querySelector(".size").textContent = sizeOf(file.size);
  row.querySelector(".remove").setAttribute("aria-label", say("form.remove", { name: file.name }));
  return row;
}

function remove(event) {
  if (!event.target.matches(".remove")) return;
  const index = unsentRows().indexOf(event.target.closest("li"));
  choose(chosen.filter((_, other) => other !== index));
  (unsentRows()[index]?.querySelector(".remove") ?? input).focus();
}

async function send(event) {
  event.preventDefault();
  const rows = unsentRows();
  const waiting = chosen.map((file, index) => ({ file, row: rows[index] }));
  const options = new FormData(form);
  options.delete("file");
  freeze(true);
  const sendNext = async () => {
    for (let upload = waiting.shift(); upload; upload = waiting.shift()) await sendOne(upload, options);
  };
  const alone = waiting.length === 1;
  await Promise.all(Array.from({ length: SENT_AT_ONCE }, sendNext));
  const link = rows[0].querySelector("a");
  if (alone && link) location.assign(link.href);
  else freeze(false);
}

function freeze(sending) {
  form.classList.toggle("sending", sending);
  for (const element of form.elements) element.disabled = sending;
  if (sending) return;
  // Ready for the next documents.
  chosen = [];
  input.value = "";
}

async function sendOne({ file, row }, options) {
  row.querySelector(".remove").remove();
  if (file.size > mostBytes) {
    show(row, say("form.too_large", { size: sizeOf(mostBytes) }), "failed");
    return;
  }
  try {
    const answer = await post(file, options, row.querySelector("progress"));
    if (answer.task_id) link(row, file, `${form.action}/${answer.task_id}`);
    else show(row, [titleOf(answer), answer.detail].filter(Boolean).join(". "), "failed");
  } catch {
    show(row, say("form.unsent"), "failed");
  }
}

// XMLHttpRequest, since fetch does not tell how much of an upload is sent.
function post(file, options, progress) {
  const body = new FormData();
  for (const [name, value] of options) if (value) body.append(name, value);
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  progress.hidden = false;
  progress.setAttribute("aria-label", say("form.uploading"));
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    progress.value = loaded / total;
  });
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => (request.response ? resolve(request.response) : reject(request)));
    request.addEventListener("error", () => reject(request));
    request.send(body);
  });
}

function link(row, file, url) {
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.textContent = file.name;
  anchor.setAttribute("aria-label", say("form.open", { name: file.name }));
  row.querySelector(".name").replaceChildren(anchor);
  show(row, say("status.queued"), "queued");
  follow(url, {
    // A browser opens six connections to one server: requests held open would leave none for the uploads.
    waitSeconds: 0,
    onTask: (task) => show(row, statusLine(task), task.status),
    onTrouble: () => show(row, say("trouble.retrying"), "queued"),
  }).then((problem) => problem && show(row, titleOf(problem), "failed"));
}

function show(row, text, status) {
  const state = row.querySelector(".state");
  row.querySelector("progress").hidden = true;
  row.dataset.status = status;
  state.hidden = false;
  state.textContent = text;
}
