// Keeps what was typed in a form[data-draft="name"] until the server has taken it.
//
// Nothing is lost when the session ends, the connection breaks or the tab is closed: the next time this person opens
// the form it is filled in again, with a notice and a way to discard it. Kept in this browser only, under the person's
// id; passwords, files and hidden fields never; removed on signing out (app.js).

const person = document.body.dataset.person;
const SENT = "draft-sent"; // the draft whose form was posted and whose fate is not yet known
const WEEK = 7 * 24 * 3600 * 1000;
const skipped = new Set(["password", "file", "hidden", "submit", "button", "image", "reset"]);

const keyOf = (form) => `draft:${person}:${form.dataset.draft}`;

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

function notice(form, before, word) {
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
  const before = typed(form);
  const kept = JSON.parse(localStorage.getItem(key) || "null");
  const isAnswer = hasComplaint(form); // the server has sent back what was typed
  if (kept && Date.now() - kept.at > WEEK) {
    localStorage.removeItem(key);
  } else if (kept && !isAnswer && JSON.stringify(kept.values) !== JSON.stringify(before)) {
    fill(form, kept.values);
    notice(form, before, word);
  }
  const save = () => {
    if (JSON.stringify(typed(form)) === JSON.stringify(before)) return localStorage.removeItem(key);
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: typed(form) }));
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
