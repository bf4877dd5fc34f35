// Moving bars of the schedule: by mouse, by finger (held first, so that a swipe still scrolls) and by keyboard. Bars of
// activities and tasks are moved and stretched, steps and milestones (g-whole) only moved. A bar falls on working days only. Nothing is saved here: the server says what the new days mean, in a dialog, and saves them when the
// person says so; refused or given up, the bar lies where it lay. The bar is a link to the form of its dates, which
// stays the way without a script.

const EDGE = 8;
const GRIP = 5; // so much of a bar's end stretches it
const NUDGE = 4; // fewer pixels than this are a press, not a drag
const HOLD = 350; // milliseconds until a finger has taken hold of a bar

const MS = 86_400_000;
const at = (iso) => Date.parse(`${iso}T00:00:00Z`);

class Days {
  constructor(frame) {
    this.first = at(frame.dataset.first);
    this.works = frame.dataset.days;
    this.width = Number(frame.dataset.day);
    const lang = document.documentElement.lang;
    this.words = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
      weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC",
    });
  }

  index(iso) {
    return Math.round((at(iso) - this.first) / MS);
  }

  iso(index) {
    return new Date(this.first + index * MS).toISOString().slice(0, 10);
  }

  said(index) {
    return this.words.format(new Date(this.first + index * MS));
  }

  isWorking(index) {
    return this.works[index] === "1";
  }

  /** The working day at or beside `index`, looked for in the direction of `way`; the other way at the end of the chart. */
  near(index, way) {
    const inside = Math.min(Math.max(index, 0), this.works.length - 1);
    for (const step of [way < 0 ? -1 : 1, way < 0 ? 1 : -1]) {
      for (let day = inside; day >= 0 && day < this.works.length; day += step) if (this.isWorking(day)) return day;
    }
    return inside;
  }

  /** `count` working days further (or back, where it is negative); as far as the chart goes. */
  add(index, count) {
    let day = index;
    for (let left = Math.abs(count); left > 0; ) {
      const next = day + Math.sign(count);
      if (next < 0 || next >= this.works.length) return this.near(day, -count);
      day = next;
      if (this.isWorking(day)) left -= 1;
    }
    return day;
  }

  between(first, last) {
    let count = 0;
    for (let day = first; day <= last; day += 1) count += this.isWorking(day);
    return Math.max(count, 1);
  }
}

// ---- one bar and where it would lie -----------------------------------------------------------------------------

class Bar {
  constructor(link, days) {
    this.link = link;
    this.days = days;
    this.key = link.dataset.key;
    this.isWhole = link.classList.contains("g-whole");
    this.was = [days.index(link.dataset.first), days.index(link.dataset.last)];
    this.length = days.between(...this.was);
    [this.first, this.last] = this.was;
    const soft = link.querySelector(".g-soft"); // a milestone has none: its mark has no length
    this.isMark = !soft;
    this.x = soft ? Number(soft.getAttribute("x")) : this.first * days.width;
    this.width = soft ? Number(soft.getAttribute("width")) : 0;
    this.rects = [...link.querySelectorAll("rect")].map((rect) => ({
      rect, x: Number(rect.getAttribute("x")), width: Number(rect.getAttribute("width")),
    }));
  }

  get isMoved() {
    return this.first !== this.was[0] || this.last !== this.was[1];
  }

  /** Its begin near a day; as many working days long as it was. */
  moveTo(index, way) {
    const start = this.days.near(index, way);
    const end = this.days.add(this.days.near(start, 1), this.length - 1);
    if (this.days.between(start, end) < this.length) return; // the chart ends here
    [this.first, this.last] = [start, end];
    this.draw();
  }

  stretchTo(index, way) {
    if (this.isWhole) return; // its length is that of its activities
    this.last = Math.max(this.days.near(index, way), this.first);
    this.draw();
  }

  draw() {
    const x = this.first * this.days.width;
    const width = Math.max((this.last - this.first + 1) * this.days.width, 2);
    this.link.classList.toggle("is-moved", this.isMoved);
    this.link.setAttribute("transform", `translate(${this.isMoved ? x - this.x : 0} 0)`);
    if (this.isMark) return;
    for (const one of this.rects) {
      const isEnd = one.rect.classList.contains("g-grip");
      const more = this.isMoved ? width - this.width : 0;
      if (isEnd) one.rect.setAttribute("x", one.x + more);
      else if (one.rect.classList.contains("g-done")) one.rect.setAttribute("width", (one.width * (this.width + more)) / this.width);
      else one.rect.setAttribute("width", Math.max(one.width + more, 2));
    }
  }

  back() {
    [this.first, this.last] = this.was;
    this.draw();
  }

  words(pattern) {
    const found = {
      name: this.key, first: this.days.said(this.first), last: this.days.said(this.last),
      days: this.days.between(this.first, this.last),
    };
    return pattern.replace(/\{(\w+)\}/g, (_whole, name) => found[name]);
  }
}

// ---- the chart ----------------------------------------------------------------------------------------------------

export function start(frame, { toast, word }, refresh) {
  const days = new Days(frame);
  const tip = frame.querySelector(".gantt-tip");
  const said = document.querySelector("[data-gantt-said]");
  let held = null; // the bar that is moved now
  let isTouched = false;

  const linkOf = (event) => event.target.closest(".g-bar[data-key]");
  const wordsOf = (bar) => bar.words(bar.isMark ? frame.dataset.saidDay : frame.dataset.said);

  /** What only a script needs: the end to take hold of, and the help for who hears the bar. */
  function dress() {
    for (const link of frame.querySelectorAll(".g-bar[data-key]:not([aria-describedby])")) {
      link.setAttribute("aria-describedby", "gantt-help");
      const soft = link.querySelector(".g-soft");
      if (!soft || link.classList.contains("g-whole")) continue;
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(soft.getAttribute(name)));
      const wide = Math.min(GRIP, width / 2);
      const grip = document.createElementNS(soft.namespaceURI, "rect");
      const box = { class: "g-grip", x: x + width - wide, y: y - 4, width: wide + 6, height: height + 8, rx: 3 };
      Object.entries(box).forEach(([name, value]) => grip.setAttribute(name, value));
      link.append(grip);
    }
  }

  function showTip() {
    tip.hidden = !held?.isMoved;
    if (tip.hidden) return;
    tip.textContent = wordsOf(held);
    const box = held.link.getBoundingClientRect();
    const outer = frame.getBoundingClientRect();
    const left = box.left - outer.left + frame.scrollLeft;
    const most = frame.scrollLeft + frame.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(Math.min(left, most), frame.scrollLeft + 4)}px`;
    tip.style.top = `${box.top - outer.top + frame.scrollTop + (box.top - outer.top > 84 ? -28 : box.height + 4)}px`;
  }

  function letGo(isSaid = false) {
    if (isSaid && held?.isMoved) said.textContent = held.words(frame.dataset.stays);
    held?.back();
    held = null;
    tip.hidden = true;
    frame.classList.remove("is-dragging");
  }

  // ---- what it means, in a dialog ----

  function filled(dialog, html) {
    const part = new DOMParser().parseFromString(html, "text/html").querySelector(".redate");
    if (!part) return false;
    dialog.querySelector("h2").textContent = part.dataset.title;
    dialog.querySelector(".dialog-body").replaceChildren(part);
    part.querySelectorAll("[data-close]").forEach((link) =>
      link.addEventListener("click", (event) => {
        event.preventDefault();
        dialog.close();
      }),
    );
    return true;
  }

  function opened() {
    const dialog = document.createElement("dialog");
    dialog.innerHTML =
      '<div class="dialog-head"><h2 id="redate-title"></h2><form method="dialog"><button class="icon-btn">×</button></form></div><div class="dialog-body"></div>';
    dialog.setAttribute("aria-labelledby", "redate-title");
    dialog.querySelector("button").setAttribute("aria-label", word("close-dialog"));
    document.body.append(dialog);
    return dialog;
  }

  const refusals = { 403: "forbidden", 404: "gone" };

  async function ask(url, options) {
    try {
      const answer = await fetch(url, { ...options, headers: { "HX-Request": "true" } });
      if (answer.redirected) location.reload(); // the session has ended
      else if (answer.status in refusals) toast(word(refusals[answer.status]), "danger");
      else if (answer.status >= 500) toast(word("failed"), "danger");
      else return answer;
    } catch {
      toast(word("lost"), "danger");
    }
    return null;
  }

  async function propose() {
    const bar = held;
    const { move, moveStep, moveTask, moveMilestone } = frame.dataset;
    const place = bar.isMark ? moveMilestone : bar.isWhole ? moveStep : bar.key.startsWith("T-") ? moveTask : move;
    const address = place.replace(/\/([A-Z]+-)?0\/((?:schedule\/)?move\/)$/, `/${bar.key}/$2`);
    const query = new URLSearchParams({
      starts_on: days.iso(bar.first), ends_on: days.iso(bar.last),
      from_starts_on: bar.link.dataset.first, from_ends_on: bar.link.dataset.last,
    });
    said.textContent = frame.dataset.asking;
    const answer = await ask(`${address}?${query}`);
    const html = answer && (await answer.text());
    const dialog = answer && opened();
    if (!dialog || !filled(dialog, html)) {
      dialog?.remove();
      letGo(true);
      bar.link.focus({ preventScroll: true });
      return;
    }
    let isSaved = false;
    let isStale = answer.status === 409;
    dialog.addEventListener("close", async () => {
      dialog.remove();
      if (held === bar && !isSaved) letGo(true);
      if (isSaved || isStale) {
        const told = await refresh(location.href, `.g-bar[data-key="${CSS.escape(bar.key)}"]`);
        if (told) toast(told, "success");
      } else bar.link.focus({ preventScroll: true });
    });
    dialog.addEventListener("submit", async (event) => {
      const form = event.target;
      if (form.method === "dialog") return;
      event.preventDefault();
      const sent = await ask(form.action, { method: "POST", body: new FormData(form) });
      form.removeAttribute("aria-busy");
      if (!sent) return;
      isStale = sent.status === 409;
      isSaved = sent.status === 204;
      if (isSaved || !filled(dialog, await sent.text())) dialog.close();
    });
    dialog.showModal();
    dialog.querySelector(".dialog-body :is(input:not([type=hidden]), [data-close])")?.focus();
  }

  // ---- by mouse and finger ----

  function drag(link, down) {
    const isTouch = down.pointerType === "touch";
    let isHeld = !isTouch;
    let isDragged = false;
    let wait = 0;
    const box = link.querySelector(".g-soft, .g-hit").getBoundingClientRect();
    const isWhole = link.classList.contains("g-whole");
    const isEnd = Boolean(down.target.closest(".g-grip")) || (isTouch && !isWhole && box.right - down.clientX < EDGE && box.width > 3 * EDGE);
    const scrolled = frame.scrollLeft;

    const take = () => {
      letGo();
      held = new Bar(link, days);
    };
    const move = (event) => {
      const by = event.clientX - down.clientX + frame.scrollLeft - scrolled;
      if (!isHeld) {
        if (Math.hypot(by, event.clientY - down.clientY) > 2 * NUDGE) stop(); // a swipe: it scrolls
        return;
      }
      if (!isDragged && Math.abs(by) < NUDGE) return;
      if (!isDragged) take();
      isDragged = true;
      frame.classList.add("is-dragging");
      const shift = Math.round(by / days.width);
      if (isEnd) held.stretchTo(held.was[1] + shift, shift);
      else held.moveTo(held.was[0] + shift, shift);
      showTip();
    };
    const stop = () => {
      clearTimeout(wait);
      isTouched = false;
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", cancel);
      window.removeEventListener("keydown", escape, true);
    };
    const cancel = () => {
      stop();
      if (isDragged) letGo();
    };
    const escape = (event) => {
      if (event.key !== "Escape" || !isDragged) return;
      event.stopPropagation();
      cancel();
    };
    const up = () => {
      stop();
      frame.classList.remove("is-dragging");
      if (isDragged || (isTouch && isHeld)) {
        const swallow = (event) => event.preventDefault();
        frame.addEventListener("click", swallow, { once: true, capture: true });
        setTimeout(() => frame.removeEventListener("click", swallow, { capture: true }), 300);
      }
      if (!isDragged) return;
      if (held.isMoved) propose();
      else letGo();
    };
    if (isTouch) {
      wait = setTimeout(() => {
        isHeld = isTouched = true;
        navigator.vibrate?.(20);
        link.classList.add("is-moved");
      }, HOLD);
    }
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", cancel);
    window.addEventListener("keydown", escape, true);
  }

  // ---- by keyboard ----

  const bars = () => [...frame.querySelectorAll(".gantt-page:not(.is-waiting) .g-bar")];

  function walk(link, by) {
    const all = bars();
    const next = all[all.indexOf(link) + by];
    if (!next) return;
    letGo(true);
    next.focus({ preventScroll: true });
    const box = next.getBoundingClientRect();
    const outer = frame.getBoundingClientRect();
    const names = frame.querySelector(".gantt-left").offsetWidth;
    if (box.top < outer.top + 80) frame.scrollTop -= outer.top + 80 - box.top;
    if (box.bottom > outer.bottom - 60) frame.scrollTop += box.bottom - outer.bottom + 60;
    if (box.left < outer.left + names || box.left > outer.right - 80) frame.scrollLeft += box.left - outer.left - names - 60;
  }

  function nudge(link, event, way) {
    if (held?.link !== link) {
      letGo();
      held = new Bar(link, days);
    }
    if (event.shiftKey) held.stretchTo(days.add(held.last, way), way);
    else held.moveTo(days.add(days.near(held.first, way), way), way);
    showTip();
    said.textContent = wordsOf(held);
  }

  frame.addEventListener("keydown", (event) => {
    const link = event.target.closest(".g-bar");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    const canMove = Boolean(link.dataset.key);
    const acts = {
      ArrowUp: () => walk(link, -1),
      ArrowDown: () => walk(link, 1),
      ArrowLeft: () => canMove && nudge(link, event, -1),
      ArrowRight: () => canMove && nudge(link, event, 1),
    };
    if (event.key in acts) {
      event.preventDefault();
      acts[event.key]();
    } else if (event.key === "Enter" && held?.link === link && held.isMoved) {
      event.preventDefault();
      propose();
    } else if (event.key === "Escape" && held) {
      event.stopPropagation();
      letGo(true);
    }
  });
  frame.addEventListener("focusout", (event) => {
    if (held?.link === event.target && !document.querySelector("dialog[open]") && said.textContent !== frame.dataset.asking) letGo(true);
  });

  // ---- begin ----

  dress();
  frame.addEventListener("gantt:rows", dress);

  frame.addEventListener("dragstart", (event) => event.preventDefault()); // the browser's own dragging of links
  frame.addEventListener("contextmenu", (event) => isTouched && event.preventDefault());
  frame.addEventListener("touchmove", (event) => isTouched && event.preventDefault(), { passive: false });
  frame.addEventListener("pointerdown", (event) => {
    const link = linkOf(event);
    if (link && event.button === 0 && event.isPrimary && !document.querySelector("dialog[open]")) drag(link, event);
  });
}
