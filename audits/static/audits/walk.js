// The checklist at work. A line is saved by itself as soon as a result is chosen, a text is left or nobody has typed for a
// moment; until the server has confirmed it, it is kept in this browser. All lines are in the page, so that going from one
// to the next needs no connection.
//
// A line: {id, key, version, base, mine, state, left, at}. `base` is what the server said last, `mine` what is in the form.

import { Courier, Lookout, Reporter, Shelf, choices, element, newKey, speaker, threeWay } from "../js/autosave.js";
import { LineFiles } from "./walk_files.js";

const sheet = JSON.parse(document.getElementById("walk-sheet").textContent);
const words = JSON.parse(document.getElementById("walk-words").textContent);
const word = speaker(words);
const place = document.querySelector("[data-walk]");
const form = place.querySelector("[data-line-form]");
const pane = form.closest("section");
const banner = document.querySelector("[data-banner]");
const said = document.querySelector("[data-said]");
const icons = document.querySelector("[data-icons]").content;
const part = (name) => form.querySelector(`[data-${name}]`);

const FIELDS = ["result", "evidence", "not_sampled_because", "sampling", "session"];
const GROUPS = [["result", "not_sampled_because"], ["evidence"], ["sampling"], ["session"]]; // not sampled, and why, is one judgement
const PAUSE = 2500; // after so long without a key, what was typed is saved
const STATES = ["saved", "saving", "typing", "kept", "refused", "conflict", "by"];

const rows = new Map();
const shelf = new Shelf(`draft:${sheet.me}:checklist:${sheet.audit}:`);
const isDirty = (row) => FIELDS.some((name) => row.mine[name] !== row.base[name]);
const lacksReason = (row) => row.mine.result === "not_sampled" && !row.mine.not_sampled_because.trim();
const icon = (name) => icons.querySelector(`[data-symbol="${name}"]`).firstElementChild.cloneNode(true);

let current = null;
let pauseTimer = 0;
let isGoing = ""; // where to as soon as everything is saved

function keep(row) {
  if (!isDirty(row)) return shelf.drop(row.key);
  const { version, base } = row.conflict || row; // as long as nobody has chosen, it is still about what was seen before
  row.at ||= Date.now();
  shelf.put(row.key, { key: row.key, id: row.id, version, base, mine: row.mine, left: row.left, at: row.at });
}

// ---- the open line --------------------------------------------------------------------------------------------------

function valueOf(name) {
  if (name === "result") return form.querySelector("[name=result]:checked")?.value || "";
  return form.elements[name]?.value ?? current.mine[name];
}

// Puts what the line holds into the form; the text that is being typed in keeps its cursor.
function fill(row) {
  for (const radio of form.querySelectorAll("[name=result]")) radio.checked = radio.value === row.mine.result;
  for (const name of FIELDS.slice(1)) {
    const control = form.elements[name];
    if (control && control.value !== row.mine[name]) control.value = row.mine[name];
  }
  part("because").hidden = row.mine.result !== "not_sampled";
  tell(row);
}

function open(id, { focus = true } = {}) {
  if (current) leave(current);
  rescue();
  lineFiles.forgetSent();
  const row = rows.get(id);
  current = row;
  form.action = `${sheet.line.replace("/0/", `/${id}/`)}${sheet.query ? `?${sheet.query}` : ""}`;
  part("ref").textContent = row.ref;
  part("title").textContent = row.title;
  part("credits").replaceChildren(...row.credits.map((credit) => {
    const chip = element("span", "chip");
    const [ref] = credit.split(" ").slice(-1);
    chip.append(`${credit.slice(0, -ref.length)}`, element("b", "", ref));
    return chip;
  }));
  part("intent").textContent = row.intent;
  part("intent").hidden = !row.intent;
  part("additions").replaceChildren(...row.additions.map(({ name, text }) => {
    const item = element("li");
    item.append(element("b", "", name), ` ${text}`);
    return item;
  }));
  part("additions").hidden = !row.additions.length;
  prompts(row);
  const at = sheet.order.indexOf(id);
  step(part("before"), sheet.order[at - 1]);
  step(part("after"), at < 0 ? sheet.order[0] : sheet.order[at + 1]);
  for (const link of place.querySelectorAll("[data-list] a[aria-current]")) link.removeAttribute("aria-current");
  const link = place.querySelector(`[data-line="${id}"] a`);
  link?.setAttribute("aria-current", "true");
  link?.scrollIntoView({ block: "nearest" });
  fill(row);
  lineFiles.show();
  showEvidence(row);
  history.replaceState(null, "", `?${sheet.query ? `${sheet.query}&` : ""}line=${id}`);
  if (focus) {
    pane.querySelector("h2").focus({ preventScroll: true });
    pane.scrollIntoView({ block: "start" });
  }
}

// The photos and files of a line stand in the component of every record's evidence; it is asked for when its line is opened.
const pieces = document.querySelector("[data-line-evidence]");

function showEvidence(row) {
  if (pieces.dataset.of === String(row.id)) return;
  pieces.dataset.of = row.id;
  const wait = () => {
    if (pieces.dataset.of !== String(row.id)) return;
    pieces.dataset.of = "";
    pieces.replaceChildren(element("p", "muted", words["wait-evidence"]));
  };
  if (!navigator.onLine) return wait();
  pieces.replaceChildren();
  globalThis.htmx.ajax("GET", sheet.evidence.replace("/0/", `/${row.id}/`), { source: pieces, target: pieces, swap: "innerHTML" }).catch(wait);
}

addEventListener("online", () => current && showEvidence(current));

// Somebody added or withdrew a piece at the open line. The form beneath the list stays as it is: it may be half filled in.
async function renewEvidence(row) {
  let fresh;
  try {
    const answer = await fetch(sheet.evidence.replace("/0/", `/${row.id}/`), { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // the panel is asked for again when the line is opened the next time
  }
  const body = pieces.querySelector("#evidence > .panel-body");
  if (pieces.dataset.of !== String(row.id) || !body) return;
  const held = document.activeElement.closest?.("#evidence a")?.getAttribute("href");
  const renewed = document.importNode(fresh.querySelector("#evidence > .panel-body"), true);
  const form = body.querySelector(":scope > .adder");
  for (const one of [...body.children]) if (one !== form) one.remove();
  body.prepend(...[...renewed.children].filter((one) => !form || !one.matches(".adder")));
  const head = pieces.querySelector("#evidence > header");
  head.querySelector(".sub")?.remove();
  const count = fresh.querySelector("#evidence > header .sub");
  if (count) head.append(document.importNode(count, true));
  if (held) [...body.querySelectorAll("a")].find((one) => one.getAttribute("href") === held)?.focus();
  globalThis.htmx.process(body);
}

// A file chosen in the panel's own form goes the same way as one chosen above it: it is kept here until the server has it.
function takeOver(form) {
  lineFiles.add([...form.elements.file.files], Number(pieces.dataset.of), form.elements.title.value.trim());
  form.reset();
  localStorage.removeItem(`draft:${sheet.me}:${form.dataset.draft}`);
  form.closest("details").open = false;
}

// Also when its line is left before "Add evidence" was pressed, as a text that is left is saved.
function rescue() {
  const form = pieces.querySelector(".adder > form");
  if (form?.elements.file.files.length && !form.elements.link.value) takeOver(form);
}

function step(button, id) {
  button.hidden = false;
  button.disabled = !id;
  button.value = id || "";
}

// What to ask for; a tap notes it in the text.
function prompts(row) {
  const list = part("prompts").querySelector("ul");
  list.replaceChildren(...row.prompts.map((prompt) => {
    const item = element("li");
    if (sheet.writes !== "all") {
      item.textContent = prompt;
      return item;
    }
    const button = element("button", "wk-prompt");
    button.type = "button";
    button.append(icon("prompt"), element("span", "", prompt));
    button.setAttribute("aria-label", word("note", { prompt }));
    button.addEventListener("click", () => {
      const area = form.elements.evidence;
      area.value = `${area.value.trimEnd()}${area.value.trim() ? "\n" : ""}${prompt}: `;
      area.focus();
      area.setSelectionRange(area.value.length, area.value.length);
      typed("evidence");
    });
    item.append(button);
    return item;
  }));
  part("prompts").hidden = !row.prompts.length;
}

// The state of the open line, the sentence or the two texts under it, and its findings.
function tell(row) {
  if (row === current) {
    const state = part("state");
    for (const one of STATES) state.classList.toggle(`is-${one}`, row.state === one);
    state.replaceChildren();
    const text = row.state === "by" ? word("by", { name: row.by }) : words[row.state];
    if (text) state.append(icon(row.state), element("span", "", text));
    const note = part("note");
    note.replaceChildren();
    note.hidden = !row.error && !row.conflict;
    if (row.conflict) note.append(element("p", "", words.conflict), choices(asked(row), words, word("of", { name: row.conflict.by })));
    else if (row.error) note.textContent = row.error;
    for (const name of FIELDS.slice(1)) form.elements[name]?.toggleAttribute("aria-invalid", false);
    if (row.error && form.elements[row.wrong]) form.elements[row.wrong].setAttribute("aria-invalid", "true");
    const list = part("findings");
    list.replaceChildren(...row.findings.map((one) => {
      const item = element("li");
      const link = element("a", "", one.label);
      link.href = one.href;
      item.append(link, ` ${one.grade}: ${one.text}`);
      return item;
    }));
    list.hidden = !row.findings.length;
    const finding = part("finding");
    if (finding) finding.href = `${sheet.finding}?line=${row.id}`;
  }
  const entry = place.querySelector(`[data-line="${row.id}"]`);
  if (entry) {
    entry.dataset.result = row.mine.result;
    entry.classList.toggle("is-unsaved", isDirty(row) || Boolean(row.conflict) || lineFiles.isUnsentAt(row.id));
    const name = words[`result-${row.mine.result || "none"}`];
    entry.querySelector(".wk-mark").replaceChildren(icon(`result-${row.mine.result}`), element("span", "sr", name));
  }
}

function named(name, value) {
  if (name === "result") return words[`result-${value || "none"}`];
  if (name === "session") return [...(form.elements.session?.options || [])].find((one) => one.value === value)?.text || words["no-session"];
  return value || words.empty;
}

function asked(row) {
  return row.conflict.groups.map((group) => {
    const shown = group.filter((name) => name === group[0] || row.mine[name] || row.conflict.theirs[name]);
    const text = (values) => shown.map((name) => named(name, values[name])).join(" – ");
    return { label: words[group[0]], mine: text(row.mine), theirs: text(row.conflict.theirs), choose: (which) => settle(row, group, which) };
  });
}

function settle(row, group, which) {
  if (which === "theirs") for (const name of group) row.mine[name] = row.conflict.theirs[name];
  row.conflict.groups = row.conflict.groups.filter((one) => one !== group);
  if (!row.conflict.groups.length) row.conflict = null;
  if (!row.conflict) row.state = isDirty(row) ? "typing" : "saved";
  keep(row);
  fill(row);
  if (row.conflict) part("note").querySelector("button").focus();
  else {
    leave(row);
    pane.querySelector("h2").focus({ preventScroll: true });
  }
  reporter.report();
}

// How far everything is, as the lines in this page say it.
function count() {
  const all = [...rows.values()];
  const tally = (mine, item) => {
    const done = mine.filter((row) => row.mine.result).length;
    if (!item) return;
    item.querySelector("[data-count]").textContent = `${done}/${mine.length}`;
    bar(item, done, mine.length);
  };
  for (const item of document.querySelectorAll("[data-share]")) tally(all.filter((row) => sheet.chapters[row.id] === item.dataset.share), item);
  for (const item of document.querySelectorAll("[data-session-share]")) tally(all.filter((row) => (row.mine.session || "none") === item.dataset.sessionShare), item);
  const done = all.filter((row) => row.mine.result).length;
  const head = document.querySelector("[data-progress]");
  head.querySelector("[data-done]").textContent = done;
  bar(head, done, all.length);
}

function bar(item, done, total) {
  const percent = total ? Math.floor((100 * done) / total) : 0;
  item.querySelector(".bar-fill")?.setAttribute("width", percent);
}

// ---- saving ---------------------------------------------------------------------------------------------------------

function typed(name) {
  const row = current;
  row.mine[name] = valueOf(name);
  row.error = row.wrong = "";
  row.at = 0;
  if (!row.conflict && row.state !== "saving") row.state = isDirty(row) ? "typing" : "saved";
  keep(row);
  tell(row);
  clearTimeout(pauseTimer);
  pauseTimer = setTimeout(() => leave(row), PAUSE);
  reporter.report();
}

function leave(row) {
  clearTimeout(pauseTimer);
  if (!isDirty(row) || row.conflict) return;
  if (lacksReason(row)) {
    row.state = "refused";
    row.error = words["why-not"];
    row.wrong = "not_sampled_because";
    keep(row);
    return tell(row);
  }
  row.left = true;
  keep(row);
  courier.add(row);
  if (row.state === "saving") row.again = true;
  else if (row.state !== "kept") row.state = "typing";
  tell(row);
  if (!courier.isResting) courier.work();
}

const courier = new Courier({
  isWaiting: (row) => isDirty(row) && !row.conflict && !lacksReason(row),
  deliver: save,
  unreached: (row) => {
    row.state = "kept";
    keep(row);
    tell(row);
    reporter.hadTrouble = true;
  },
  changed: () => {
    reporter.report();
    if (isGoing && ![...rows.values()].some((row) => isDirty(row))) location.assign(isGoing);
  },
  renew: () => lookout.look(),
});

async function save(row) {
  const sent = { ...row.mine };
  const data = new URLSearchParams({ key: row.key, version: row.version });
  for (const group of GROUPS) if (group.some((name) => sent[name] !== row.base[name])) for (const name of group) data.set(name, sent[name]);
  row.state = "saving";
  row.again = false;
  tell(row);
  const answer = await courier.post(sheet.line.replace("/0/", `/${row.id}/`), data);
  if (!answer) return false;
  const { json } = answer;
  if (answer.ok && json) confirmed(row, json.row, sent);
  else if (answer.status === 409 && json) merge(row, json.row);
  else {
    row.state = "refused";
    row.error = json?.error || words.forbidden;
    row.wrong = json?.field || "";
    keep(row);
    tell(row);
  }
  return true;
}

function stored(one) {
  return { version: one.version, base: { ...one.values }, findings: one.findings, by: one.by };
}

function confirmed(row, one, sent) {
  const isUntouched = FIELDS.every((name) => row.mine[name] === sent[name]);
  Object.assign(row, stored(one), { error: "", wrong: "", at: 0 });
  // What the server made of it (spaces trimmed) comes back; what was typed meanwhile stays.
  for (const name of FIELDS) if (row.mine[name] === sent[name] && !isTypedIn(row, name)) row.mine[name] = row.base[name];
  if (isUntouched && isTypedIn(row)) for (const name of FIELDS) if (row.mine[name].trim() === row.base[name]) row.base[name] = row.mine[name];
  row.state = isDirty(row) ? "typing" : "saved";
  keep(row);
  if (row === current) fill(row);
  else tell(row);
  count();
}

// A text with the cursor in it is not trimmed under the hands of who types.
function isTypedIn(row, name = "") {
  if (row !== current) return false;
  const at = document.activeElement?.name;
  return form.contains(document.activeElement) && ["evidence", "sampling", "not_sampled_because"].includes(at) && (!name || name === at);
}

// A colleague saved first. What only one of both changed needs no question; about the rest the person chooses.
function merge(row, one) {
  const { base, version } = row.conflict || row;
  const theirs = one.values;
  const groups = threeWay(GROUPS, { base, mine: row.mine, theirs });
  Object.assign(row, stored(one), { error: "", wrong: "" });
  row.conflict = groups.length ? { groups, theirs: { ...theirs }, base, version, by: one.by } : null;
  row.state = row.conflict ? "conflict" : isDirty(row) ? "typing" : "by";
  if (!row.conflict && isDirty(row)) {
    if (courier.queue.includes(row)) row.again = true;
    else queueMicrotask(() => leave(row));
  }
  keep(row);
  if (row === current) fill(row);
  else tell(row);
  count();
  if (row.conflict) {
    said.textContent = `${row.ref} ${words.conflict}`;
    if (row !== current) banner.textContent = `${row.ref}: ${words.conflict}`;
  }
}

function take(one) {
  const row = rows.get(one.id);
  if (row && row.files !== one.files) {
    row.files = one.files;
    if (row === current) renewEvidence(row);
  }
  if (!row || row.state === "saving" || row.version > one.version) return;
  row.findings = one.findings;
  if (row.version === one.version) return row === current && tell(row);
  if (isDirty(row) || row.conflict) return merge(row, one);
  Object.assign(row, stored(one), { mine: { ...one.values }, state: one.is_own ? "saved" : "by" });
  if (!one.is_own) said.textContent = word("other", { line: row.ref || row.title, name: one.by });
  if (row === current) fill(row);
  else tell(row);
  count();
}

const lineFiles = new LineFiles({
  sheet,
  words,
  icon,
  list: part("files"),
  chooser: part("choose"),
  current: () => current?.id,
  told: (id) => {
    if (rows.has(id)) tell(rows.get(id));
    reporter.report();
  },
  arrived: () => lookout.look(),
  changed: () => reporter.report(),
  renew: () => lookout.look(),
});
const couriers = [courier, lineFiles.courier];
const lookout = new Lookout({ url: sheet.since, moment: sheet.moment, couriers, take, changed: () => reporter.report() });
const reporter = new Reporter({
  banner,
  words,
  shelf: { get works() { return shelf.works && lineFiles.areKept; } },
  couriers,
  unsaved: () => [...rows.values()].some(isDirty) || lineFiles.unsent.length > 0,
  waiting: () => [...rows.values()].filter((row) => row.left && isDirty(row) && ["kept", "saving", "typing"].includes(row.state)).length + lineFiles.waiting.length,
});

// ---- hands ----------------------------------------------------------------------------------------------------------

form.addEventListener("input", ({ target }) => {
  if (!FIELDS.includes(target.name)) return;
  typed(target.name);
  if (target.name === "result" || target.name === "session") {
    part("because").hidden = current.mine.result !== "not_sampled";
    count();
    if (lacksReason(current)) form.elements.not_sampled_because.focus();
    else leave(current);
  }
});

form.addEventListener("focusout", ({ target }) => {
  if (FIELDS.includes(target.name) && target.name !== "result") leave(current);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  const id = Number(event.submitter?.value);
  if (event.submitter?.name === "next" && rows.has(id) && id !== current.id) open(id);
  else leave(current);
});

part("finding")?.addEventListener("click", (event) => {
  if (![...rows.values()].some((row) => isDirty(row) && !row.conflict)) return;
  event.preventDefault();
  isGoing = event.currentTarget.href;
  leave(current);
  if (courier.failures || !navigator.onLine) {
    current.error = words.wait;
    tell(current);
  }
});

place.querySelector("[data-list]").addEventListener("click", (event) => {
  const entry = event.target.closest("[data-line]");
  if (!entry || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(Number(entry.dataset.line));
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    const to = Number(part(event.key === "ArrowUp" ? "before" : "after").value);
    if (to) open(to);
    return;
  }
  if (event.altKey || event.ctrlKey || event.metaKey || document.body.dataset.shortcuts === "off") return;
  if (event.target.closest("input:not([type=radio]), textarea, select, [contenteditable], details[open] form")) return;
  const radio = /^[1-7]$/.test(event.key) && form.querySelectorAll("[name=result]")[Number(event.key) - 1];
  if (radio && !radio.matches(":disabled")) {
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
  } else if (event.key === "e" && !form.elements.evidence.disabled) {
    event.preventDefault();
    form.elements.evidence.focus();
  }
});

pieces.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.elements.file?.files.length || form.elements.link.value) return;
  event.preventDefault();
  event.stopPropagation();
  takeOver(form);
}, true);

document.addEventListener("visibilitychange", () => document.hidden && leave(current));

// ---- beginning ------------------------------------------------------------------------------------------------------

for (const one of sheet.rows) rows.set(one.id, { ...one, ...stored(one), key: newKey(), mine: { ...one.values }, state: "", left: false, at: 0, error: "", wrong: "", conflict: null });

let restored = 0;
for (const one of shelf.all()) {
  const row = rows.get(one.id);
  if (!row || !sheet.writes) continue;
  row.key = one.key;
  Object.assign(row, { mine: one.mine, left: one.left, at: one.at, state: "kept" });
  if (row.version !== one.version) {
    const now = { version: row.version, values: row.base, findings: row.findings, by: row.by };
    row.base = one.base;
    merge(row, now);
  } else tell(row);
  restored += 1;
}
part("save")?.remove();
document.querySelector("[data-help]").hidden = false;
form.noValidate = true;
open(sheet.current, { focus: false });
for (const row of rows.values()) if (isDirty(row) && !row.conflict) leave(row);
count();
if (part("choose")) part("choose").closest("label").hidden = false;
restored += await lineFiles.restore();
if (restored) reporter.notice(word("restored", { n: restored }));
