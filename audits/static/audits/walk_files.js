// Photos and files at the lines of a checklist. A file is kept in this browser as soon as it is chosen and goes to the server
// when there is a connection; each says where it is. A file goes with a key of its own, by which the server knows one that
// arrived although its answer was lost.
//
// A file: {key, line, name, title, blob, at, tried, isKept, state, error}. `tried` is when it was sent the first time.

import { Courier, OLD, element, newKey, speaker } from "../js/autosave.js";
import { FileShelf } from "../js/kept_files.js";

const PATIENCE = 180000; // a photo over a slow network

export class LineFiles {
  // current(): the open line's id. told(id): the files of a line changed. arrived(): one is at the server. renew(): as a
  // Courier's.
  constructor({ sheet, words, list, chooser, icon, current, told, arrived, changed, renew }) {
    Object.assign(this, { sheet, words, list, chooser, icon, current, told, arrived });
    this.word = speaker(words);
    this.files = [];
    this.shelf = new FileShelf(sheet.me, sheet.audit);
    this.courier = new Courier({
      isWaiting: (file) => this.files.includes(file) && file.state !== "refused",
      deliver: (file) => this.send(file),
      unreached: (file) => this.say(file, "waiting"),
      changed,
      renew,
    });
    chooser?.addEventListener("change", () => {
      this.add([...chooser.files], this.current());
      chooser.value = "";
    });
  }

  get unsent() {
    return this.files.filter((file) => file.state !== "sent");
  }

  get waiting() {
    return this.files.filter((file) => ["waiting", "sending"].includes(file.state));
  }

  get areKept() {
    return this.waiting.every((file) => file.isKept);
  }

  isUnsentAt(line) {
    return this.unsent.some((file) => file.line === line);
  }

  async add(chosen, line, title = "") {
    for (const blob of chosen) {
      const file = { key: newKey(), line, name: blob.name, title, blob, at: Date.now(), tried: 0, isKept: true, state: "waiting", error: "" };
      this.files.push(file);
      if (blob.size > this.sheet.largest) {
        this.say(file, "refused", this.word("too-large", { name: blob.name }));
        continue;
      }
      this.say(file, "waiting");
      await this.keep(file);
      this.courier.add(file);
    }
    if (!this.courier.isResting) this.courier.work();
  }

  // Those that were kept the last time; how many. One that may have arrived long ago is not sent unasked: its key is forgotten.
  async restore() {
    const kept = await this.shelf.all();
    for (const one of kept) {
      const isOld = one.tried && Date.now() - one.tried > OLD;
      const error = one.error || (isOld ? this.words["old-file"] : "");
      const file = { ...one, isKept: true, state: error ? "refused" : "waiting", error };
      this.files.push(file);
      if (!error) this.courier.add(file);
      this.say(file, file.state, error);
    }
    this.courier.work();
    return kept.length;
  }

  async keep(file) {
    file.isKept = await this.shelf.put(file);
    this.say(file, file.state, file.error);
  }

  async send(file) {
    if (!file.tried) {
      file.tried = Date.now();
      await this.keep(file);
    }
    this.say(file, "sending");
    const data = new FormData();
    data.set("once", file.key);
    data.set("title", file.title);
    data.set("file", file.blob, file.name);
    const answer = await this.courier.post(this.sheet.add.replace("/0/", `/${file.line}/`), data, { patience: PATIENCE, keepalive: false });
    if (!answer) return false;
    if (answer.ok && answer.json) {
      await this.shelf.drop(file.key);
      this.say(file, "sent");
      this.arrived(file);
    } else {
      this.say(file, "refused", answer.json?.error || this.words.forbidden);
      if (file.isKept && this.files.includes(file)) await this.keep(file);
    }
    return true;
  }

  again(file) {
    file.tried = 0;
    this.say(file, "waiting");
    this.keep(file);
    this.courier.add(file);
    this.courier.again();
  }

  async remove(file) {
    this.files = this.files.filter((one) => one !== file);
    this.courier.drop(file);
    await this.shelf.drop(file.key);
    this.show();
    this.told(file.line);
    this.chooser?.focus();
  }

  say(file, state, error = "") {
    file.state = state;
    file.error = error;
    if (file.line === this.current()) this.show();
    this.told(file.line);
  }

  // The files of the open line; those that are sent are told until another line is opened.
  show() {
    const shown = this.files.filter((file) => file.line === this.current());
    this.list.replaceChildren(...shown.map((file) => this.item(file)));
    this.list.hidden = !shown.length;
  }

  forgetSent() {
    this.files = this.files.filter((file) => file.state !== "sent");
  }

  item(file) {
    const item = element("li", `is-${file.state}`);
    const text = element("span", "wk-file-text");
    const state = file.state === "refused" ? this.word("file-refused", { reason: file.error }) : this.words[`file-${file.state}`];
    text.append(element("b", "", file.title || file.name), element("span", "", state));
    if (!file.isKept && file.state === "waiting") text.append(element("span", "", this.words["not-kept"]));
    item.append(this.icon(`file-${file.state}`), text);
    if (file.state === "refused" && file.blob.size <= this.sheet.largest) item.append(this.button(file, "again", () => this.again(file)));
    if (file.state !== "sent" && file.state !== "sending") item.append(this.button(file, "remove", () => this.remove(file)));
    return item;
  }

  button(file, name, act) {
    const button = element("button", "btn btn-secondary", this.words[name]);
    button.type = "button";
    button.setAttribute("aria-label", `${this.words[name]}: ${file.title || file.name}`);
    button.addEventListener("click", act);
    return button;
  }
}
