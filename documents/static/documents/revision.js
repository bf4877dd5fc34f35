// The editor of a document's text: marks by buttons and keys, pictures where the cursor stands, a preview that waits for
// the connection, and the choice between two people's texts. Without this file everything can be typed and saved too.

const area = document.getElementById("id_body");

function put(text, from = area.selectionStart, to = area.selectionEnd) {
  area.focus();
  area.setSelectionRange(from, to);
  // insertText keeps "undo" working; a browser without it still gets the text.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function linesOfSelection() {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const next = area.value.indexOf("\n", Math.max(area.selectionEnd - (area.selectionEnd > area.selectionStart ? 1 : 0), start));
  return [start, next < 0 ? area.value.length : next];
}

function eachLine(change) {
  const [start, end] = linesOfSelection();
  const text = area.value.slice(start, end).split("\n").map(change).join("\n");
  put(text, start, end);
  area.setSelectionRange(start + text.length, start + text.length);
}

function around(before, after, words) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const inside = value.slice(start, end) || words;
  put(before + inside + after);
  area.setSelectionRange(start + before.length, start + before.length + inside.length);
}

function ownParagraph(text) {
  const before = area.value.slice(0, area.selectionStart);
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  put(`${gap}${text}\n`);
}

const marks = {
  heading: () => eachLine((line) => (line.startsWith("#") ? (line.startsWith("####") ? line.replace(/^#+\s*/, "") : `#${line}`) : `# ${line}`)),
  bold: () => around("**", "**", "…"),
  list: () => eachLine((line) => (line.startsWith("- ") ? line.slice(2) : `- ${line}`)),
  numbers: () => eachLine((line, at) => (/^\d+\. /.test(line) ? line.replace(/^\d+\. /, "") : `${at + 1}. ${line}`)),
  table: (button) => {
    const column = button.dataset.words;
    ownParagraph(`| ${column} 1 | ${column} 2 | ${column} 3 |\n|---|---|---|\n|  |  |  |\n|  |  |  |\n`);
  },
  link: (button) => {
    const start = area.selectionStart;
    around("[", "](https://)", button.dataset.words);
    const at = area.value.indexOf("](https://", start) + 2;
    area.setSelectionRange(at, at + 8);
  },
  picture: () => {
    document.getElementById("pictures")?.scrollIntoView({ block: "center" });
    document.getElementById("id_picture")?.focus();
  },
};

const keys = { "ctrl+b": "bold", "ctrl+k": "link", "ctrl+alt+Digit1": "heading", "ctrl+shift+Digit8": "list", "ctrl+shift+Digit7": "numbers" };

function startToolbar() {
  const bar = document.querySelector("[data-toolbar]");
  bar.hidden = false;
  const buttons = [...bar.querySelectorAll("[data-mark]")];
  buttons.forEach((button, at) => (button.tabIndex = at ? -1 : 0)); // one stop for the tab key, arrows go on from there
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (button) marks[button.dataset.mark](button);
  });
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (at < 0 || !step) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  });
  area.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    const pressed = ["ctrl", event.altKey && "alt", event.shiftKey && "shift"].filter(Boolean).join("+");
    const name = keys[`${pressed}+${event.code}`] || keys[`${pressed}+${event.key.toLowerCase()}`];
    if (!name) return;
    event.preventDefault();
    marks[name](bar.querySelector(`[data-mark="${name}"]`));
  });
}

function showPreview() {
  area.dispatchEvent(new Event("preview"));
}

function startPreview() {
  const said = document.querySelector("[data-offline]");
  const isLost = (lost) => (said.hidden = !lost);
  // A preview that cannot be fetched is no message on every keystroke: one line says that it waits.
  area.addEventListener("htmx:sendError", (event) => {
    event.stopPropagation();
    isLost(true);
    document.documentElement.classList.remove("is-loading");
  });
  area.addEventListener("htmx:afterOnLoad", () => isLost(false));
  addEventListener("online", showPreview);
  area.form.addEventListener("draft:filled", showPreview);
}

function showInserts() {
  document.querySelectorAll("[data-insert], [data-take]").forEach((button) => (button.hidden = false));
}

function start() {
  startToolbar();
  startPreview();
  showInserts();
  document.addEventListener("picture:kept", (event) => {
    showInserts();
    ownParagraph(event.detail.text);
  });
  document.addEventListener("htmx:afterSettle", showInserts);
  document.addEventListener("click", (event) => {
    const insert = event.target.closest("[data-insert]");
    if (insert) ownParagraph(insert.dataset.insert);
    const take = event.target.closest("[data-take]");
    if (take) put(document.getElementById(take.dataset.take).value, 0, area.value.length);
  });
}

if (area) start();
