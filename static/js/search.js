// The search box by keyboard: arrows walk through the suggestions, Enter opens the chosen one, Esc closes them.
// On the page of search arrows walk through the results themselves. Without this file box and page work as a plain form.

const CLOSED = "false";

function options(list) {
  return list ? [...list.querySelectorAll("[role=option]:not([aria-disabled])")] : [];
}

function choose(field, list, option) {
  options(list).forEach((one) => one.setAttribute("aria-selected", String(one === option)));
  if (option) {
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    field.removeAttribute("aria-activedescendant");
  }
}

function open(field, list) {
  const has = list.childElementCount > 0 && field.value.trim().length > 1;
  list.hidden = !has;
  field.setAttribute("aria-expanded", String(has));
  if (!has) choose(field, list, null);
}

function close(field, list) {
  list.hidden = true;
  field.setAttribute("aria-expanded", CLOSED);
  choose(field, list, null);
}

function suggest(form, field, list) {
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options(list);
    const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "Escape") {
      event.stopPropagation();
      if (list.hidden) field.blur();
      else {
        event.preventDefault(); // the first Esc closes the list and leaves what was typed
        close(field, list);
      }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      if (list.hidden) open(field, list);
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(field, list, at < 0 ? all.at(step > 0 ? 0 : -1) : all[(at + step + all.length) % all.length]);
    } else if (event.key === "Enter" && at >= 0 && !list.hidden) {
      event.preventDefault();
      location.assign(all[at].href);
    }
  });
  list.addEventListener("htmx:afterSwap", () => {
    choose(field, list, null);
    if (document.activeElement === field) open(field, list);
  });
  field.addEventListener("focus", () => open(field, list));
  field.addEventListener("input", () => {
    if (field.value.trim().length < 2) close(field, list);
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close(field, list);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // a click must not take the focus away first
  if (document.activeElement === field) open(field, list);
}

function walk(field) {
  const hits = () => [...document.querySelectorAll("#found [data-hit]")];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = hits();
    const at = all.indexOf(document.activeElement);
    if (at < 0 && document.activeElement !== field) return;
    const next = event.key === "ArrowDown" ? all[at + 1] : at === 0 ? field : all[at - 1];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

export function start() {
  document.querySelectorAll("form[data-search]:not([data-started])").forEach((form) => {
    form.dataset.started = "yes";
    const field = form.querySelector("input[type=search]");
    const list = form.querySelector("[role=listbox]");
    if (list) suggest(form, field, list);
    else walk(field);
  });
}
