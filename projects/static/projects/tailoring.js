// Moving a step on the board of tailoring, or an activity within its step, by pointer or by keyboard. Nothing is changed
// here: dropping leads to the page that says what the move means and asks why. Without a script the menu of each step, and
// "Put elsewhere" of each activity, leads to the same pages. `data-tailoring` is where the addresses of the rows begin,
// `data-phase` names the place of a list, `data-merges` says that one row may be dropped onto another.

const board = document.querySelector("[data-tailoring]");
const said = document.querySelector("#drag-said");
let held = null; // the row that moves
let target = null; // {row, list, onto}

const merges = board?.hasAttribute("data-merges");
const rows = () => [...board.querySelectorAll("[data-step]")].filter((row) => row !== held);

function clear() {
  board.querySelectorAll(".is-before, .is-onto, .is-end").forEach((one) =>
    one.classList.remove("is-before", "is-onto", "is-end"),
  );
}

function mark(next) {
  clear();
  target = next;
  if (!target) return;
  if (!target.row) target.list.classList.add("is-end");
  else target.row.classList.add(target.onto ? "is-onto" : "is-before");
}

function address(at) {
  const home = `${board.dataset.tailoring}${held.dataset.step}/`;
  if (at.onto) return `${home}merge/?merged_into=${encodeURIComponent(at.row.dataset.step)}`;
  const place = `${at.list.dataset.phase}:${at.row ? at.row.dataset.step : ""}`;
  return `${home}place/?place=${encodeURIComponent(place)}`;
}

function let_go(isDropped) {
  const at = target;
  const row = held;
  clear();
  row?.classList.remove("is-dragged");
  row?.querySelector("[data-handle]")?.removeAttribute("aria-pressed");
  if (isDropped && at) window.location.assign(address(at));
  held = target = null;
}

function take(row) {
  held = row;
  row.classList.add("is-dragged");
  row.querySelector("[data-handle]").setAttribute("aria-pressed", "true");
}

// --- by pointer: mouse, pen and finger alike ---

function at(x, y) {
  const under = document.elementFromPoint(x, y);
  const row = under?.closest("[data-step]");
  const list = under?.closest("[data-phase]") ?? under?.closest(".panel")?.querySelector("[data-phase]");
  if (!list) return null;
  if (!row) return { row: null, list, onto: false };
  if (row === held) return null;
  const box = row.getBoundingClientRect();
  const share = (y - box.top) / box.height;
  if (share < (merges ? 0.3 : 0.5)) return { row, list, onto: false };
  if (merges && share <= 0.7 && !row.classList.contains("is-out")) return { row, list, onto: true };
  const after = rows().filter((one) => one.parentElement === list);
  return { row: after[after.indexOf(row) + 1] ?? null, list, onto: false };
}

board?.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button) return;
  const from = { x: event.clientX, y: event.clientY };
  const row = handle.closest("[data-step]");
  const move = (next) => {
    if (!held && Math.hypot(next.clientX - from.x, next.clientY - from.y) > 6) take(row);
    if (!held) return;
    const edge = 60;
    if (next.clientY < edge) window.scrollBy(0, -12);
    else if (next.clientY > window.innerHeight - edge) window.scrollBy(0, 12);
    mark(at(next.clientX, next.clientY));
  };
  const end = (last) => {
    handle.removeEventListener("pointermove", move);
    handle.removeEventListener("pointerup", end);
    handle.removeEventListener("pointercancel", end);
    if (held) let_go(last.type === "pointerup");
  };
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener("pointermove", move);
  handle.addEventListener("pointerup", end);
  handle.addEventListener("pointercancel", end);
});

// --- by keyboard: Space takes, arrows choose, Enter drops, M merges, Escape leaves it ---

function places() {
  return [...board.querySelectorAll("[data-phase]")].flatMap((list) => [
    ...rows()
      .filter((row) => row.parentElement === list)
      .map((row) => ({ row, list, onto: false })),
    { row: null, list, onto: false },
  ]);
}

function say(place) {
  const phase = place.list.closest("section").querySelector("h2").textContent;
  said.textContent = place.row ? `↑ ${place.row.dataset.title} (${phase})` : `↓ ${phase}`;
}

board?.addEventListener("keydown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle) return;
  if (!held) {
    if (event.key !== " ") return;
    event.preventDefault();
    take(handle.closest("[data-step]"));
    const next = held.nextElementSibling;
    mark({ row: next?.matches("[data-step]") ? next : null, list: held.parentElement, onto: false });
    say(target);
    return;
  }
  const all = places();
  const now = all.findIndex((one) => one.row === target?.row && one.list === target?.list);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = all[Math.min(Math.max(now + (event.key === "ArrowDown" ? 1 : -1), 0), all.length - 1)];
    mark(next);
    (next.row ?? next.list).scrollIntoView({ block: "nearest" });
    say(next);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    let_go(true);
  } else if (merges && event.key.toLowerCase() === "m" && target?.row) {
    event.preventDefault();
    target = { ...target, onto: true };
    let_go(true);
  } else if (event.key === "Escape") {
    event.preventDefault();
    let_go(false);
    said.textContent = "";
  } else if (event.key === "Tab") {
    let_go(false);
  }
});

if (board) document.documentElement.classList.add("has-script");
