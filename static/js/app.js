// What every page can do beyond plain links and forms. Nothing here is needed for the essential path:
// controls that only work with a script carry `hidden` in the HTML and are shown by this file.
// Further modules are loaded where a page asks for them: drafts.js (form[data-draft]), board.js ([data-board]),
// gantt.js ([data-gantt]), and gantt_drag.js from there.

const root = document.documentElement;
const body = document.body;

// ---- words and messages ---------------------------------------------------------------------------------------

const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

function word(name) {
  return words[name] || name;
}

function toast(text, kind = "info") {
  const place = document.getElementById("toasts");
  if (!place) return;
  const box = document.createElement("div");
  box.className = `alert alert-${kind}`;
  const said = document.createElement("div");
  said.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-btn small close";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", word("close"));
  close.textContent = "×";
  box.append(said, close);
  place.append(box);
  if (kind !== "danger") setTimeout(() => box.remove(), 8000); // failures stay until they are read
}

// ---- theme ----------------------------------------------------------------------------------------------------

function csrfHeaders() {
  return JSON.parse(body.getAttribute("hx-headers") || "{}");
}

function switchTheme() {
  const next = getComputedStyle(root).colorScheme === "dark" || isDarkByDevice() ? "light" : "dark";
  root.dataset.bsTheme = next;
  document.cookie = `theme=${next};path=/;max-age=31536000;samesite=lax`;
  if (body.dataset.themeUrl) {
    fetch(body.dataset.themeUrl, { method: "POST", headers: csrfHeaders(), body: new URLSearchParams({ theme: next }) });
  }
}

function isDarkByDevice() {
  return root.dataset.bsTheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches;
}

// ---- one click, one POST --------------------------------------------------------------------------------------

function guard(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "again" in form.dataset) return;
  if (form.getAttribute("aria-busy")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.setAttribute("aria-busy", "true");
  event.submitter?.classList.add("is-sending");
  setTimeout(() => release(form), 15000); // a download leaves the page where it is
}

function release(form) {
  form.removeAttribute("aria-busy");
  form.querySelectorAll(".is-sending").forEach((button) => button.classList.remove("is-sending"));
}

// ---- "really?" ------------------------------------------------------------------------------------------------

function ask(question) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  const inside = document.createElement("div");
  inside.className = "dialog-body";
  const text = document.createElement("p");
  text.id = "question";
  text.className = "strong";
  text.textContent = question;
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "dialog-actions";
  for (const [value, css] of [["cancel", "btn btn-secondary"], ["confirm", "btn btn-primary"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = css;
    button.textContent = word(value);
    form.append(button);
  }
  inside.append(text, form);
  dialog.append(inside);
  body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "confirm");
    });
    dialog.showModal();
  });
}

async function confirmFirst(event) {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (!question || form.dataset.confirmed) {
    delete form.dataset.confirmed;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  if (await ask(question)) {
    form.dataset.confirmed = "yes";
    form.requestSubmit(submitter);
  }
}

document.addEventListener("submit", confirmFirst, true);
document.addEventListener("submit", guard);
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(release));

// A GET form leaves out what is empty, so that addresses stay short.
document.addEventListener("formdata", (event) => {
  if (!("sparse" in event.target.dataset)) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

// ---- clicks ---------------------------------------------------------------------------------------------------

const onClick = {
  "[data-theme-toggle]": switchTheme,
  "[data-dismiss]": (button) => button.closest(".alert")?.remove(),
  "[data-shortcuts-open]": () => document.getElementById("shortcuts")?.showModal(),
  "[data-dialog]": (link, event) => {
    const dialog = document.getElementById(link.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    dialog.showModal();
  },
  "[data-dialog-load]": (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    import("./dialog.js").then((module) => module.load(link, word));
  },
  "[data-copy-button]": async (button) => {
    const field = button.closest("[data-copy]").querySelector("input");
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      return;
    }
    toast(word("copied"), "success");
  },
};

document.addEventListener("click", (event) => {
  for (const [selector, act] of Object.entries(onClick)) {
    const found = event.target.closest(selector);
    if (found) act(found, event);
  }
  if (event.target instanceof HTMLDialogElement) event.target.close(); // the backdrop belongs to the dialog
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// ---- rows chosen for a bulk action ----------------------------------------------------------------------------

function ticks(name, form) {
  return [...document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)].filter((box) => box.form?.id === form);
}

function showChosen() {
  document.querySelectorAll("[data-select-all]").forEach((all) => {
    const boxes = ticks(all.dataset.selectAll, all.dataset.of);
    const chosen = boxes.filter((box) => box.checked);
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && !all.checked;
    boxes.forEach((box) => box.closest("tr")?.classList.toggle("is-selected", box.checked));
    const bulk = document.getElementById(all.dataset.of);
    if (!bulk) return;
    bulk.hidden = chosen.length === 0;
    const count = bulk.querySelector("[data-bulk-count]");
    count.dataset.words ??= count.textContent;
    count.textContent = `${count.dataset.words} ${chosen.length}`;
  });
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-select-all]")) ticks(box.dataset.selectAll, box.dataset.of).forEach((one) => (one.checked = box.checked));
  if (box.matches("input[type=checkbox]")) showChosen();
});

// ---- keys -----------------------------------------------------------------------------------------------------

let waitingForPlace = 0;

function isTyping(element) {
  return element.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest("details.menu[open]") || document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (location.hash === "#side") {
      location.hash = "#main";
    }
    return;
  }
  if (body.dataset.shortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (Date.now() < waitingForPlace) {
    waitingForPlace = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      location.assign(link.href);
    }
  } else if (event.key === "g") {
    waitingForPlace = Date.now() + 1500;
  } else if (event.key === "?") {
    document.getElementById("shortcuts")?.showModal();
  } else if (event.key === "/") {
    const fields = [...document.querySelectorAll("#q, main input[type=search]")];
    const field = fields.find((one) => one.checkVisibility());
    const link = document.querySelector("[data-search-link]"); // where the top bar has no room for the box
    if (field || link) event.preventDefault();
    if (field) field.focus();
    else if (link) location.assign(link.href);
  }
});

// ---- htmx -----------------------------------------------------------------------------------------------------

document.addEventListener("htmx:beforeRequest", () => root.classList.add("is-loading"));
document.addEventListener("htmx:afterRequest", (event) => {
  root.classList.remove("is-loading");
  const form = event.detail.elt.closest?.("form");
  if (form) release(form);
});
document.addEventListener("htmx:sendError", () => toast(word("lost"), "danger"));
document.addEventListener("htmx:timeout", () => toast(word("lost"), "danger"));
document.addEventListener("htmx:responseError", (event) => {
  toast(word({ 403: "forbidden", 404: "gone" }[event.detail.xhr.status] || "failed"), "danger");
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // The session has ended: the sign-in page is a page, not a fragment.
  const answered = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (answered.pathname.startsWith("/accounts/login")) {
    event.detail.shouldSwap = false;
    location.assign(`${answered.pathname}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.detail.elt;
  enhance(place);
  const spot = place.querySelector?.("[data-focus]") || (place.id === "main" && place.querySelector("h1"));
  if (spot) spot.focus();
});

// ---- once for the page, and again for every part that is swapped in -------------------------------------------

function enhance(place) {
  const shown = "[data-theme-toggle], [data-dismiss], [data-copy-button], [data-select-all]";
  place.querySelectorAll?.(shown).forEach((control) => (control.hidden = false));
  if (body.dataset.shortcuts !== "off") place.querySelectorAll?.("[data-shortcuts-open]").forEach((one) => (one.hidden = false));
  if (place.querySelector?.("[data-select-all]")) showChosen();
  if (place.querySelector?.("form[data-draft]") || (place === document && sessionStorage.getItem("draft-sent"))) {
    import("./drafts.js").then((module) => module.start(word));
  }
  if (place.querySelector?.("[data-board]")) import("./board.js").then((module) => module.start());
  if (place.querySelector?.("[data-gantt]")) import("./gantt.js").then((module) => module.start({ toast, word }));
}

document.addEventListener("submit", (event) => {
  if (!("signOut" in event.target.dataset)) return;
  const mine = `draft:${body.dataset.person}:`;
  if (localStorage.getItem(`${mine}files`)) {
    // Files that wait here are gone before the page is.
    event.preventDefault();
    import("./kept_files.js").then((module) => module.forget(body.dataset.person)).finally(() => event.target.submit());
  }
  for (const key of Object.keys(localStorage)) if (key.startsWith(mine)) localStorage.removeItem(key);
});

// ---- where a person was, after a form that led to a whole new page ---------------------------------------------

let byKeyboard = false;
document.addEventListener("keydown", () => (byKeyboard = true), true);
document.addEventListener("pointerdown", () => (byKeyboard = false), true);
document.addEventListener("submit", ({ target }) => {
  if (byKeyboard && target.method === "post") sessionStorage.setItem("was-at", JSON.stringify([target.action, Date.now()]));
});

function goBackThere() {
  const [action, at] = JSON.parse(sessionStorage.getItem("was-at") || "[]");
  sessionStorage.removeItem("was-at");
  if (!action || Date.now() - at > 20_000 || document.activeElement !== body) return;
  const same = [...document.forms].find((form) => form.action === action && form.method === "post");
  const spot = same?.querySelector("button:not([hidden])") || document.querySelector("#messages .alert");
  if (!spot) return;
  if (!same) spot.tabIndex = -1;
  spot.focus();
}

// The keys of the search box are fetched when somebody goes there, or where it is the page itself.
function startSearch(event) {
  if (event.target.closest?.("form[data-search]")) import("./search.js").then((module) => module.start());
}

document.addEventListener("focusin", startSearch);
if (document.querySelector("main form[data-search]")) import("./search.js").then((module) => module.start());

if (document.querySelector("[data-bell]")) import("./bell.js").then((module) => module.start());

enhance(document);
const first = document.querySelector("[data-focus]");
if (first && !first.closest("[data-calm]")) first.focus();
goBackThere();
