// The entry grid of a workshop. A row is saved by itself as soon as it is left; until the server has confirmed it, it is
// kept in this browser (one item of localStorage for each row, under the person's id, removed on signing out).
//
// A row: {key, number, version, base, mine, state, left, at}. `base` is what the server said last, `mine` what is in the
// cells. A row is dirty when they differ. The key makes a repeated save harmless: see risks/services/workshop.py.

import { Courier, Lookout, OLD, Reporter, Shelf, choices as sideBySide, element, newKey, speaker, threeWay } from "../js/autosave.js";

const told = JSON.parse(document.getElementById("workshop-grid").textContent);
const words = JSON.parse(document.getElementById("workshop-words").textContent);
const place = document.querySelector("[data-workshop]");
const body = place.querySelector("[data-rows]");
const banner = place.querySelector("[data-banner]");
const said = place.querySelector("[data-said]");
const icons = document.querySelector("[data-icons]").content;

const FIELDS = ["title", "event", "discipline", "category", "owner", "likelihood", "consequence"];
const GROUPS = [["title"], ["event"], ["discipline"], ["category"], ["owner"], ["likelihood", "consequence"]]; // a rating is one judgement
const TYPED = ["title", "event", "likelihood", "consequence"]; // what makes a new row more than a blank one
const blankValues = () => ({ title: "", event: "", discipline: "general", category: "", owner: told.is_manager ? "" : told.me, likelihood: "", consequence: "" });

const rows = []; // in the order of the grid
const shelf = new Shelf(`draft:${told.me}:workshop:${told.place}:`);
const word = speaker(words);
const labelOf = { title: "", event: "", discipline: "", category: "", owner: "", likelihood: "", consequence: "" };
const isDirty = (row) => FIELDS.some((name) => row.mine[name] !== row.base[name]);
const isBlank = (row) => !row.number && TYPED.every((name) => !row.mine[name].trim());
const isUnsaved = (row) => !isBlank(row) && isDirty(row);
const isSame = (a, b) => FIELDS.every((name) => a[name] === b[name]);

// ---- kept in this browser -------------------------------------------------------------------------------------------

function keep(row) {
  if (!isUnsaved(row)) return shelf.drop(row.key);
  const { key, number, mine, left } = row;
  const { version, base } = row.conflict || row; // as long as nobody has chosen, it is still about what was seen before
  row.at ||= Date.now();
  shelf.put(key, { key, number, version, base, mine, left, at: row.at });
}

// ---- a row in the page ----------------------------------------------------------------------------------------------

function icon(name) {
  return icons.querySelector(`[data-symbol="${name}"]`).firstElementChild.cloneNode(true);
}

function options(select, choices) {
  for (const [value, label] of choices) select.append(new Option(label, value));
  return select;
}

function control(name, row) {
  let made;
  if (name === "title" || name === "event") {
    made = element("textarea");
    made.rows = 1;
    made.maxLength = name === "title" ? 200 : 4000;
  } else if (name === "discipline") made = options(element("select"), told.disciplines);
  else if (name === "owner") {
    made = options(element("select"), [["", words.nobody], ...told.people]);
  } else {
    made = element("input");
    made.type = "text";
    made.autocomplete = "off";
    if (name === "category") {
      made.maxLength = 80;
      made.setAttribute("list", "workshop-categories");
    }
    if (name === "likelihood" || name === "consequence") {
      made.inputMode = "numeric";
      made.maxLength = 1;
      if (told.scale) made.setAttribute("aria-describedby", `ws-${name}`);
    }
  }
  made.dataset.field = name;
  made.setAttribute("aria-label", labelOf[name]);
  return made;
}

function draw(row) {
  const line = element("tr");
  line.dataset.row = "";
  row.line = line;
  row.cells = {};
  row.numberCell = element("td", "ws-number");
  line.append(row.numberCell);
  for (const name of FIELDS) {
    const cell = element("td", name === "likelihood" || name === "consequence" ? "ws-mark" : `ws-${name}`);
    cell.dataset.label = labelOf[name];
    row.cells[name] = control(name, row);
    cell.append(row.cells[name]);
    line.append(cell);
  }
  row.levelCell = element("td", "ws-level");
  row.levelCell.dataset.label = labelOf.level;
  row.stateCell = element("td", "ws-state");
  line.append(row.levelCell, row.stateCell);
  line.ws = row;
  fill(row);
  return line;
}

function isLocked(row, name) {
  if (row.number && !row.may) return true;
  if (name === "owner") return !told.is_manager;
  return (name === "likelihood" || name === "consequence") && !told.scale;
}

// Puts what the row holds into its cells; the one that is being typed in keeps its cursor.
function fill(row) {
  for (const name of FIELDS) {
    const cell = row.cells[name];
    if (name === "owner" && row.mine.owner && ![...cell.options].some((one) => one.value === row.mine.owner)) {
      cell.append(new Option(row.owner_name || row.mine.owner, row.mine.owner));
    }
    if (cell.value !== row.mine[name]) cell.value = row.mine[name];
    cell.disabled = isLocked(row, name);
  }
  show(row);
}

function levelOf(values) {
  const [l, c] = [Number(values.likelihood), Number(values.consequence)];
  const level = told.scale?.matrix[l - 1]?.[c - 1];
  return level === undefined ? null : told.scale.levels[level];
}

function show(row) {
  row.numberCell.replaceChildren();
  if (row.number) {
    const link = element("a", "num", row.number);
    link.href = row.href;
    row.numberCell.append(link);
  } else row.numberCell.append(element("span", "muted", "…"), element("span", "sr", words.new));
  row.line.setAttribute("aria-label", row.number ? word("row", { n: row.number }) : words.new);

  const isRatedHere = row.mine.likelihood !== row.base.likelihood || row.mine.consequence !== row.base.consequence;
  const level = isRatedHere || !row.level ? levelOf(row.mine) : row.level;
  const palette = row.mine.discipline === "opportunity" ? "gain" : "tone"; // a good level is no warning
  const badge = element("span", level ? `ws-badge ${palette}-${level.tone}` : "muted", level ? `${level.number} ${level.name}` : "–");
  if (!level) {
    badge.setAttribute("role", "img");
    badge.setAttribute("aria-label", words.unrated);
  }
  row.levelCell.replaceChildren(badge);

  const isNew = isBlank(row);
  for (const one of ["is-new", "is-saved", "is-typing", "is-kept", "is-refused", "is-conflict", "is-by", "is-closed"]) row.line.classList.remove(one);
  row.line.classList.add(isNew ? "is-new" : `is-${row.state}`);
  const status = element("span", "ws-status");
  const text = row.state === "by" ? word("by", { name: row.by }) : words[row.state];
  if (!isNew && text) status.append(icon(row.state), element("span", "", text));
  row.stateCell.replaceChildren(status);
  if (isUnsaved(row) && row.state !== "saving") {
    const discard = element("button", "ws-discard");
    discard.type = "button";
    for (const part of icons.querySelector('[data-symbol="discard"]').children) discard.append(part.cloneNode(true));
    discard.addEventListener("click", () => throwAway(row));
    row.stateCell.append(discard);
  }
  note(row);
}

// The sentence under a row: why it was refused, or the texts of both.
function note(row) {
  row.noteLine?.remove();
  row.noteLine = null;
  for (const name of FIELDS) row.cells[name].removeAttribute("aria-invalid");
  if (!row.error && !row.conflict) return;
  const line = element("tr", "ws-note");
  const cell = element("td");
  cell.colSpan = 10;
  line.append(cell);
  const id = `note-${row.key}`;
  cell.id = id;
  if (row.conflict) cell.append(choices(row));
  else {
    cell.textContent = row.error;
    const wrong = row.cells[row.wrong];
    if (wrong) wrong.setAttribute("aria-invalid", "true");
  }
  row.line.after(line);
  row.noteLine = line;
}

function named(row, name, value) {
  const cell = row.cells[name];
  if (cell.tagName === "SELECT") return [...cell.options].find((one) => one.value === value)?.text || value || words.empty;
  return value || words.empty;
}

function choices(row) {
  const asked = row.conflict.groups.map((group) => {
    const said = (values) => group.map((name) => named(row, name, values[name])).join(" × ");
    const choose = (which) => settle(row, group, which === "mine" ? row.mine : row.conflict.theirs);
    return { label: group.map((name) => labelOf[name]).join(" × "), mine: said(row.mine), theirs: said(row.conflict.theirs), choose };
  });
  return sideBySide(asked, words, word("of", { name: row.conflict.by }));
}

function settle(row, group, values) {
  for (const name of group) row.mine[name] = values[name];
  row.conflict.groups = row.conflict.groups.filter((one) => one !== group);
  if (row.conflict.groups.length) {
    keep(row);
    fill(row);
    row.noteLine.querySelector("button").focus();
  } else {
    row.conflict = null;
    row.state = isDirty(row) ? "typing" : "saved";
    row.left = true;
    keep(row);
    fill(row);
    if (isDirty(row)) send(row);
    row.cells.title.focus();
  }
  reporter.report();
}

function throwAway(row) {
  const at = rows.indexOf(row);
  row.error = row.conflict = null;
  if (row.number) {
    row.mine = { ...row.base };
    row.state = "quiet";
    fill(row);
  } else {
    rows.splice(at, 1);
    row.noteLine?.remove();
    row.line.remove();
    row.mine = { ...row.base };
  }
  courier.drop(row);
  keep(row);
  blank();
  (rows[Math.min(at, rows.length - 1)] || rows[0]).cells.title.focus();
  reporter.report();
}

// ---- the order of rows ----------------------------------------------------------------------------------------------

function add(row, before = null) {
  const made = { state: "saved", by: "", may: true, is_open: true, level: null, left: false, error: "", conflict: null, ...row };
  if (before) {
    rows.splice(rows.indexOf(before), 0, made);
    before.line.before(draw(made));
  } else {
    rows.push(made);
    body.append(draw(made));
  }
  return made;
}

// The last row is always a blank one; it takes discipline and category from the row written before.
function blank() {
  const last = rows.at(-1);
  const base = blankValues();
  const before = rows.findLast((row) => row !== last && row.wasTyped);
  if (before) Object.assign(base, { discipline: before.mine.discipline, category: before.mine.category });
  if (!last || !isBlank(last)) return add({ key: newKey(), number: "", version: null, base, mine: { ...base } });
  if (!isDirty(last)) {
    Object.assign(last, { base, mine: { ...base } });
    fill(last);
  }
  return last;
}

function stored(one) {
  return { number: one.number, version: one.version, base: { ...one.values }, href: one.href, level: one.level, by: one.by, may: one.may, is_open: one.is_open, owner_name: one.owner_name };
}

const byNumber = (number) => rows.find((row) => row.number === number);

// ---- saving ---------------------------------------------------------------------------------------------------------

function leave(row) {
  if (!isUnsaved(row) || row.conflict) return;
  row.left = true;
  row.wasTyped = true;
  keep(row);
  send(row);
}

function send(row) {
  courier.add(row);
  if (row.state !== "kept") row.state = "typing";
  show(row);
  if (!courier.isResting) courier.work();
}

const courier = new Courier({
  isWaiting: (row) => isUnsaved(row) && !row.conflict,
  deliver: save,
  unreached: (row) => {
    row.state = "kept";
    keep(row);
    show(row);
    reporter.hadTrouble = true;
  },
  changed: () => reporter.report(),
  renew: () => lookout.look(),
});

// True when the server has said something about this row; false when it could not be asked.
async function save(row) {
  const sent = { ...row.mine };
  const data = new URLSearchParams({ key: row.key });
  if (row.number) {
    data.set("number", row.number);
    data.set("version", row.version);
  }
  for (const name of FIELDS) if (!row.number || sent[name] !== row.base[name]) data.set(name, sent[name]);
  if (row.number && (data.has("likelihood") || data.has("consequence"))) {
    data.set("likelihood", sent.likelihood);
    data.set("consequence", sent.consequence);
  }
  row.state = "saving";
  row.wasSent = true;
  show(row);
  const answer = await courier.post(told.row, data);
  if (!answer) return false;
  const { json } = answer;
  if (answer.ok && json) confirmed(row, json.row, sent);
  else if (answer.status === 409 && json) merge(row, json.row);
  else {
    row.state = "refused";
    row.error = json?.error || words.forbidden;
    row.wrong = json?.field || "";
    keep(row);
    show(row);
  }
  return true;
}

function confirmed(row, one, sent) {
  const twin = byNumber(one.number);
  if (twin && twin !== row && !isDirty(twin)) {
    rows.splice(rows.indexOf(twin), 1);
    twin.noteLine?.remove();
    twin.line.remove();
  }
  const isUntouched = isSame(row.mine, sent);
  Object.assign(row, stored(one), { error: "", wrong: "", at: 0 });
  // What the server made of it (spaces trimmed) comes back; what was typed meanwhile stays.
  for (const name of FIELDS) if (row.mine[name] === sent[name]) row.mine[name] = row.base[name];
  row.state = isUntouched ? "saved" : "typing";
  row.left = !isUntouched && !row.line.contains(document.activeElement); // left again while it was on its way
  row.again = row.left;
  keep(row);
  fill(row);
}

// Somebody else saved first. What only one of both changed needs no question; about the rest the person chooses.
function merge(row, one) {
  const { base, version } = row.conflict || row;
  const theirs = one.values;
  const groups = threeWay(GROUPS, { base, mine: row.mine, theirs });
  Object.assign(row, stored(one), { error: "", wrong: "" });
  row.conflict = groups.length ? { groups, theirs: { ...theirs }, base, version, by: one.by } : null;
  row.state = row.conflict ? "conflict" : isDirty(row) ? "typing" : "by";
  row.left = row.left && isDirty(row); // what somebody is still typing is not sent before they leave the row
  if (!row.conflict && row.left) {
    if (courier.queue.includes(row)) row.again = true;
    else queueMicrotask(() => send(row));
  }
  keep(row);
  fill(row);
  if (row.conflict) said.textContent = words.conflict;
}

const reporter = new Reporter({
  banner,
  words,
  shelf,
  couriers: [courier],
  unsaved: () => rows.some(isUnsaved),
  waiting: () => rows.filter((row) => row.left && isUnsaved(row) && ["kept", "saving", "typing"].includes(row.state)).length,
});

// ---- what others write ----------------------------------------------------------------------------------------------

const lookout = new Lookout({ url: told.since, moment: told.moment, couriers: [courier], take, changed: () => reporter.report() });

function take(one) {
  const row = byNumber(one.number);
  if (!row) {
    // Perhaps a row of ours whose answer is still on its way.
    if (one.is_own && rows.some((other) => !other.number && other.wasSent && isUnsaved(other))) return;
    if (!one.is_open) return;
    const made = add({ key: newKey(), ...stored(one), mine: { ...one.values }, state: "by" }, rows.at(-1));
    news(made, word("added", { name: one.by, risk: one.number }));
    return;
  }
  if (row.version >= one.version || row.state === "saving") return;
  if (isDirty(row) || row.conflict) merge(row, one);
  else {
    Object.assign(row, stored(one), { mine: { ...one.values }, state: one.is_open ? (one.is_own ? "saved" : "by") : "closed" });
    fill(row);
    if (!one.is_own) news(row, word("other", { risk: one.number, name: one.by }));
  }
}

function news(row, text) {
  said.textContent = text;
  row.line.classList.add("is-fresh");
  setTimeout(() => row.line.classList.remove("is-fresh"), 2500);
}

// ---- typing ---------------------------------------------------------------------------------------------------------

function rowOf(target) {
  return target.closest?.("[data-row]")?.ws;
}

body.addEventListener("input", ({ target }) => {
  const row = rowOf(target);
  const name = target.dataset.field;
  if (!row || !name) return;
  if (name === "likelihood" || name === "consequence") {
    const most = told.scale[name].length;
    const digit = target.value.replace(/\D/g, "");
    if (digit && (Number(digit) < 1 || Number(digit) > most)) {
      target.value = row.mine[name];
      target.select();
      row.error = `${labelOf[name]}: ${word("range", { most })}`;
      row.wrong = name;
      note(row);
      return;
    }
    target.value = digit;
  }
  row.mine[name] = target.value;
  row.error = "";
  row.at = 0;
  if (!row.conflict && row.state !== "saving") row.state = isDirty(row) ? "typing" : "quiet";
  keep(row);
  show(row);
  if (row === rows.at(-1) && !isBlank(row)) blank();
  if (name === "likelihood" && target.value) {
    row.cells.consequence.focus();
    row.cells.consequence.select();
  }
  reporter.report();
});

body.addEventListener("focusin", ({ target }) => {
  if (target.closest(".ws-mark")) target.select();
  for (const name of ["likelihood", "consequence"]) document.getElementById(`ws-${name}`)?.classList.toggle("is-asked", target.dataset.field === name);
});

body.addEventListener("focusout", ({ target, relatedTarget }) => {
  const row = rowOf(target);
  if (!row || row.line.contains(relatedTarget) || row.noteLine?.contains(relatedTarget)) return;
  leave(row);
});

body.addEventListener("keydown", (event) => {
  const row = rowOf(event.target);
  const name = event.target.dataset.field;
  if (!row || !name || event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    leave(row);
    const next = blank();
    next.cells.title.focus();
    next.line.scrollIntoView({ block: "nearest" });
  } else if ((event.ctrlKey || event.altKey) && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    const to = rows[rows.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
    if (to) (to.cells[name].disabled ? to.cells.title : to.cells[name]).focus();
  }
});

place.querySelector("[data-new]").addEventListener("click", () => {
  const next = blank();
  next.cells.title.focus();
  next.line.scrollIntoView({ block: "center" });
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden && rowOf(document.activeElement)) leave(rowOf(document.activeElement));
});

// ---- beginning ------------------------------------------------------------------------------------------------------

const heads = [...place.querySelectorAll(".ws-grid thead th")].map((head) => head.querySelector("abbr")?.title || head.textContent);
FIELDS.forEach((name, at) => (labelOf[name] = heads[at + 1]));
labelOf.level = heads[FIELDS.length + 1];

for (const one of told.rows) add({ key: newKey(), ...stored(one), mine: { ...one.values }, state: "quiet" });

let restored = 0;
for (const one of shelf.all()) {
  const known = one.number && byNumber(one.number);
  if (known) {
    known.key = one.key;
    Object.assign(known, { mine: one.mine, left: one.left, at: one.at, wasTyped: true });
    if (known.version !== one.version) {
      const now = { number: known.number, version: known.version, values: known.base, href: known.href, level: known.level, by: known.by, may: known.may, is_open: known.is_open, owner_name: known.owner_name };
      known.base = one.base;
      merge(known, now);
    } else {
      known.state = "kept";
      fill(known);
    }
  } else add({ ...one, state: "kept", wasTyped: true, href: one.number ? `../${one.number}/` : "" });
  restored += 1;
}
blank();
document.querySelector("[data-plain]").remove();
place.hidden = false;
for (const row of rows) if (isUnsaved(row)) {
  if (row.at && Date.now() - row.at > OLD) {
    row.state = "refused";
    row.error = words.old;
    show(row);
  } else if (row.left && !row.conflict) send(row);
}
if (restored) reporter.notice(word("restored", { n: restored }));
if (!told.rows.length || matchMedia("(min-width: 721px)").matches) rows.at(-1).cells.title.focus({ preventScroll: true });
