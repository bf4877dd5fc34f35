// Keeps what was typed in a form[data-draft="name"] until the server has taken it; without a name the form is known by the
// address that it posts to.
//
// Nothing is lost when the session ends, the connection breaks or the tab is closed: the next time this person opens
// the form it is filled in again, with a notice and a way to discard it. Kept in this browser only, under the person's
// id; passwords, files and hidden fields never; removed on signing out (app.js). Only what this person changed is filled in
// again, over what others saved since; with it comes the version that this person saw, so that the server tells of both.

const person = document.body.dataset.person;
const SENT = "draft-sent"; // the draft whose form was posted and whose fate is not yet known
const WEEK = 7 * 24 * 3600 * 1000;
const skipped = new Set(["password", "file", "hidden", "submit", "button", "image", "reset"]);

function nameOf(form) {
  const target = new URL(form.getAttribute("action") || location.href, location.href);
  return form.dataset.draft || target.pathname + target.search;
}

const keyOf = (form) => `draft:${person}:${nameOf(form)}`;
const versionOf = (form) => form.querySelector("input[name=version]");

function fields(form) {
  return [...form.elements].filter((one) => one.name && !skipped.has(one.type) && !one.matches("[data-no-draft], fieldset, output"));
}

function typed(form) {
  return fields(form).map((one) => {
    if (one.type === "checkbox" || one.type === "radio") return [one.name, one.value, one.checked];
    if (one.type === "select-multiple") return [one.name, [...one.selectedOptions].map((option) => option.value)];
    return [one.name, one.value];
  });
}

function fill(form, values) {
  const left = [...values];
  for (const one of fields(form)) {
    const at = left.findIndex(([name, value, checked]) => name === one.name && (checked === undefined || value === one.value));
    if (at < 0) continue;
    const [, value, checked] = left.splice(at, 1)[0];
    if (checked !== undefined) one.checked = checked;
    else if (one.type === "select-multiple") for (const option of one.options) option.selected = value.includes(option.value);
    else one.value = value;
  }
  form.dispatchEvent(new Event("draft:filled", { bubbles: true }));
}

// What differs from `before`: both are lists of the same form's fields, as it was opened and as it was left.
function changed(values, before) {
  if (before?.length !== values.length) return values;
  const names = new Set(values.filter((value, at) => JSON.stringify(value) !== JSON.stringify(before[at])).map(([name]) => name));
  return values.filter(([name]) => names.has(name));
}

function notice(form, before, version, word) {
  const box = document.createElement("div");
  box.className = "draft-note";
  box.setAttribute("role", "status");
  const said = document.createElement("span");
  said.textContent = word("restored");
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "btn btn-sm btn-secondary";
  discard.textContent = word("discard");
  discard.addEventListener("click", () => {
    fill(form, before);
    if (version) versionOf(form).value = version;
    localStorage.removeItem(keyOf(form));
    box.remove();
    fields(form)[0]?.focus();
  });
  box.append(said, discard);
  form.prepend(box);
}

function hasComplaint(form) {
  return form.closest("section, dialog, main, body").querySelector("[aria-invalid=true], .form-errors, .conflict");
}

function watch(form, word) {
  if (form.dataset.watched) return;
  form.dataset.watched = "yes";
  const key = keyOf(form);
  const version = versionOf(form);
  let before = typed(form);
  const kept = JSON.parse(localStorage.getItem(key) || "null");
  const isAnswer = hasComplaint(form); // the server has sent back what was typed
  if (kept && Date.now() - kept.at > WEEK) {
    localStorage.removeItem(key);
  } else if (kept && isAnswer) {
    before = kept.before || before; // what is on the screen is typed, not saved
  } else if (kept) {
    const stored = version?.value;
    fill(form, changed(kept.values, kept.before));
    if (JSON.stringify(typed(form)) === JSON.stringify(before)) {
      localStorage.removeItem(key); // it is saved already
    } else {
      if (version && kept.version) version.value = kept.version;
      notice(form, before, stored, word);
    }
  }
  const save = () => {
    if (JSON.stringify(typed(form)) === JSON.stringify(before)) return localStorage.removeItem(key);
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: typed(form), before, version: version?.value }));
    } catch {
      // storage is full or forbidden: the form still works
    }
  };
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, 300);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    save();
    sessionStorage.setItem(SENT, key);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt === form && event.detail.successful) {
      localStorage.removeItem(key);
      sessionStorage.removeItem(SENT);
    }
  });
}

// A posted draft is settled by the page that follows: any page of the same person that does not ask for the form again
// means it was taken; the sign-in page means it was not.
function settle() {
  const key = sessionStorage.getItem(SENT);
  if (!key) return;
  sessionStorage.removeItem(SENT);
  if (!person || !key.startsWith(`draft:${person}:`)) return;
  const again = [...document.querySelectorAll("form[data-draft]")].find((form) => keyOf(form) === key);
  const wasRedirected = performance.getEntriesByType("navigation")[0]?.redirectCount > 0;
  if (!again || (wasRedirected && !hasComplaint(again))) localStorage.removeItem(key);
}

let settled = false;

export function start(word) {
  if (!settled) settle();
  settled = true;
  if (person) document.querySelectorAll("form[data-draft]").forEach((form) => watch(form, word));
}
