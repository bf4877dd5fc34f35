// What is typed goes to the server piece by piece and survives a connection that drops: for pages that save by themselves
// (risks/workshop.js, audits/walk.js). Nothing here knows what is saved. Files wait in kept_files.js.
//
// A Shelf keeps pieces in this browser until the server has confirmed them. A Courier takes them there one by one, waits and
// tries again. A Lookout asks what others write. `threeWay` and `choices` are for two people who changed the same thing.

const PATIENCE = 15000; // how long an answer may take
const ASK_EVERY = 4000;

export const OLD = 6 * 24 * 3600 * 1000; // the server forgets the key of a piece after a week

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

// "%(n)s not saved yet" with its values, in the reader's language.
export function speaker(words) {
  return (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`%(${key})s`, value), words[name] || name);
}

export function element(tag, css = "", text = "") {
  const made = document.createElement(tag);
  if (css) made.className = css;
  if (text) made.textContent = text;
  return made;
}

// ---- kept in this browser -------------------------------------------------------------------------------------------

// One item of localStorage for each piece, under the person's id: "draft:<person>:…" is removed on signing out (app.js).
export class Shelf {
  constructor(prefix) {
    this.prefix = prefix;
    this.works = true;
  }

  put(key, value) {
    try {
      localStorage.setItem(this.prefix + key, JSON.stringify(value));
    } catch {
      this.works = false;
    }
  }

  drop(key) {
    try {
      localStorage.removeItem(this.prefix + key);
    } catch {
      this.works = false;
    }
  }

  // Everything kept, the oldest first: each piece has said under `at` when it was put here.
  all() {
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(this.prefix)) continue;
        const one = JSON.parse(localStorage.getItem(name));
        if (one?.key && one.mine) found.push(one);
      }
    } catch {
      this.works = false;
    }
    return found.sort((a, b) => a.at - b.at);
  }
}

// ---- to the server --------------------------------------------------------------------------------------------------

export class Courier {
  // isWaiting(item): whether there is still something to save. deliver(item): sends it with `post`; false when the server
  // could not be asked. unreached(item): told of every piece that has to wait. changed(): after each round. renew(): fetches
  // a new token. An item that changed while it was on its way says so with `again`.
  constructor({ isWaiting, deliver, unreached, changed, renew }) {
    Object.assign(this, { isWaiting, deliver, unreached, changed, renew });
    this.token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
    this.queue = []; // the first one first
    this.failures = 0; // since the last answer: how long to wait before the next try
    this.isSignedOut = false;
    this.hasNewToken = false;
    this.timer = 0;
    this.isBusy = false;
    addEventListener("online", () => this.queue.length && this.again());
  }

  get isResting() {
    return this.timer !== 0;
  }

  add(item) {
    if (!this.queue.includes(item)) this.queue.push(item);
  }

  drop(item) {
    const at = this.queue.indexOf(item);
    if (at >= 0) this.queue.splice(at, 1);
  }

  again() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.work();
  }

  async work() {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      while (this.queue.length && !this.timer) {
        const item = this.queue[0];
        if (this.isWaiting(item) && !(await this.deliver(item))) {
          this.later();
          break;
        }
        if (!item.again) this.drop(item);
        item.again = false;
      }
    } finally {
      this.isBusy = false;
    }
    this.changed();
  }

  later() {
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), Math.min(1000 * 2 ** (this.failures - 1), 30000));
    for (const item of this.queue) this.unreached(item);
  }

  arrived() {
    this.failures = 0;
    this.isSignedOut = false;
  }

  // {ok, status, json} of an answer, null when the server could not be asked. A file takes longer than a text, and no
  // browser sends one from a page that is being closed.
  async post(url, data, { patience = PATIENCE, keepalive = document.hidden } = {}) {
    let answer;
    let json = null;
    try {
      answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": this.token, Accept: "application/json" }, body: data, keepalive, signal: AbortSignal.timeout(patience) });
      if (answer.headers.get("Content-Type")?.includes("json")) json = await answer.json();
    } catch {
      return null;
    }
    if (answer.redirected && !json) {
      this.isSignedOut = true;
      return null;
    }
    if (answer.status >= 500 || answer.status === 429) return null;
    if (answer.status === 403 && !json && !this.hasNewToken) {
      // The token of an older page: the next look at what others write brings a new one.
      this.hasNewToken = true;
      await this.renew();
      return null;
    }
    this.arrived();
    this.hasNewToken = false;
    return { ok: answer.ok, status: answer.status, json };
  }
}

// ---- what others write ----------------------------------------------------------------------------------------------

// Asks `url?moment=…` every few seconds while the page is seen; the answer is {moment, token, rows}. The couriers hear of
// the new token, and whether the server can be asked again.
export class Lookout {
  constructor({ url, moment, couriers, take, changed }) {
    Object.assign(this, { url, moment, couriers, take, changed });
    this.timer = setTimeout(() => this.look(), ASK_EVERY);
    this.isLooking = false;
    addEventListener("online", () => this.look());
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.timer);
      if (!document.hidden) this.look();
    });
  }

  async look() {
    if (this.isLooking) return;
    clearTimeout(this.timer);
    if (!navigator.onLine) {
      this.timer = setTimeout(() => this.look(), ASK_EVERY);
      return;
    }
    this.isLooking = true;
    try {
      const answer = await fetch(`${this.url}?moment=${encodeURIComponent(this.moment)}`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
      if (answer.ok && answer.headers.get("Content-Type")?.includes("json")) {
        const news = await answer.json();
        this.moment = news.moment;
        for (const courier of this.couriers) courier.token = news.token;
        for (const one of news.rows) this.take(one);
        for (const courier of this.couriers) {
          const wasLost = courier.failures > 0;
          courier.arrived();
          if (wasLost) courier.again();
        }
      } else if (answer.redirected) {
        for (const courier of this.couriers) courier.isSignedOut = true;
      }
    } catch {
      // told by the pieces that wait, if there are any; the next look comes by itself
    } finally {
      this.isLooking = false;
      if (!document.hidden) this.timer = setTimeout(() => this.look(), ASK_EVERY);
    }
    this.changed();
  }
}

// ---- two people, one thing ------------------------------------------------------------------------------------------

// Somebody else saved first. What only one of both changed needs no question and is taken into `mine`; returned are the
// groups of fields about which the person has to choose.
export function threeWay(groups, { base, mine, theirs }) {
  return groups.filter((group) => {
    const differs = (a, b) => group.some((name) => a[name] !== b[name]);
    if (!differs(mine, theirs)) return false;
    if (differs(mine, base) && differs(theirs, base)) return true;
    if (!differs(mine, base)) for (const name of group) mine[name] = theirs[name];
    return false;
  });
}

// Both texts side by side with a button for each. rows: [{label, mine, theirs, choose(which)}].
export function choices(rows, words, by) {
  const table = element("table");
  const head = element("tr");
  head.append(element("td"), element("th", "", words.yours), element("th", "", by), element("td"));
  const top = element("thead");
  top.append(head);
  const inside = element("tbody");
  for (const { label, mine, theirs, choose } of rows) {
    const line = element("tr");
    const cell = element("td");
    for (const which of ["mine", "theirs"]) {
      const button = element("button", "btn btn-sm btn-secondary", words[which]);
      button.type = "button";
      button.dataset.choose = which;
      button.setAttribute("aria-label", `${words[which]}: ${label}`);
      button.addEventListener("click", () => choose(which));
      cell.append(button);
    }
    const field = element("th", "", label);
    field.scope = "row";
    line.append(field, element("td", "", mine), element("td", "", theirs), cell);
    inside.append(line);
  }
  table.append(top, inside);
  return table;
}

// ---- what the page says about it ------------------------------------------------------------------------------------

// Speaks in `banner` of pieces that wait, of a lost session and of a browser that keeps nothing; lets nobody sign out unasked.
export class Reporter {
  constructor({ banner, words, shelf, couriers, unsaved, waiting }) {
    Object.assign(this, { banner, words, shelf, couriers, unsaved, waiting, hadTrouble: false, noticeUntil: 0 });
    this.word = speaker(words);
    addEventListener("offline", () => couriers.some((one) => one.queue.length) && this.report());
    addEventListener("beforeunload", (event) => {
      if (!shelf.works && unsaved()) event.preventDefault();
    });
  }

  notice(text) {
    this.banner.textContent = text;
    this.noticeUntil = Date.now() + 10000;
  }

  trouble(waiting) {
    if (!this.shelf.works && this.unsaved()) return this.words["no-storage"];
    if (this.couriers.some((one) => one.isSignedOut)) return this.words["signed-out"];
    return this.couriers.some((one) => one.failures > 0) && waiting ? this.word("lost", { n: waiting }) : "";
  }

  report() {
    const { banner } = this;
    const waiting = this.waiting();
    const trouble = this.trouble(waiting);
    if (trouble) {
      banner.classList.remove("is-good");
      banner.textContent = trouble;
    } else if (this.hadTrouble && !waiting) {
      this.hadTrouble = false;
      banner.textContent = this.words.back;
      banner.classList.add("is-good");
      setTimeout(() => banner.classList.contains("is-good") && banner.replaceChildren(), 6000);
    } else if (!banner.classList.contains("is-good") && Date.now() > this.noticeUntil) banner.replaceChildren();
    const leaving = document.querySelector("form[data-sign-out]");
    if (leaving) {
      if (this.unsaved()) leaving.dataset.confirm = this.words["sign-out"];
      else delete leaving.dataset.confirm;
    }
  }
}
