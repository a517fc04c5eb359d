// Copies the text of one page, or of all.

import { say } from "./texts.js";

const SHOWN_MS = 1500;
const sheets = document.getElementById("sheets");

export function showCopyButtons() {
  for (const sheet of sheets.children) {
    const button = sheet.querySelector(".copy");
    button.hidden = sheet.querySelector(".text").hidden;
    button.setAttribute("aria-label", say("task.copy_page", { number: sheet.dataset.number }));
  }
  document.querySelector(".copy-all").hidden = !sheets.querySelector(".copy:not([hidden])");
}

export async function copy({ target }) {
  if (!target.matches(".copy, .copy-all")) return;
  const scope = target.matches(".copy") ? target.closest(".sheet") : sheets;
  const text = [...scope.querySelectorAll(".text:not([hidden])")].map((part) => part.textContent).join("\n\n");
  await putOnClipboard(text);
  target.textContent = say("task.copied");
  setTimeout(() => {
    target.textContent = say(target.matches(".copy") ? "task.copy" : "task.copy_all");
  }, SHOWN_MS);
}

// Browsers give `navigator.clipboard` to https and localhost alone; on a plain http address the old way still works.
async function putOnClipboard(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
