// Files that wait in this browser until the server has them: what autosave.js is for texts (audits/walk_files.js uses it).
//
// One IndexedDB for each person, "draft:<person>:files"; removed on signing out (app.js). Bounded in number and size, so that
// a day without a network does not fill the tablet.

const STORE = "files";
export const MOST = 50;
export const MOST_BYTES = 200 * 1024 * 1024;

const nameOf = (person) => `draft:${person}:files`;

// Calls `work` with the store of a person, in one transaction; what it returns is waited for and given back.
function within(person, mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(nameOf(person), 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      database.onversionchange = () => database.close();
      const transaction = database.transaction(STORE, mode);
      const done = work(transaction.objectStore(STORE), transaction);
      const end = (finish) => () => {
        database.close();
        finish();
      };
      transaction.oncomplete = end(() => resolve(done?.result));
      transaction.onabort = end(() => reject(transaction.error));
    };
  });
}

export class FileShelf {
  // `of`: what the files belong to; all of a person share the bounds.
  constructor(person, of) {
    this.person = person;
    this.of = of;
  }

  // False when there is no room for it, or when this browser keeps nothing.
  async put({ key, at, line, name, title, blob, tried, error }) {
    try {
      await within(this.person, "readwrite", (store, transaction) => {
        const all = store.getAll();
        all.onsuccess = () => {
          const others = all.result.filter((one) => one.key !== key);
          const bytes = others.reduce((sum, one) => sum + one.blob.size, blob.size);
          if (others.length >= MOST || bytes > MOST_BYTES) transaction.abort();
          else store.put({ key, of: this.of, at, line, name, title, blob, tried, error });
        };
      });
      localStorage.setItem(nameOf(this.person), "1"); // tells app.js that there is something to remove
      return true;
    } catch {
      return false;
    }
  }

  async drop(key) {
    try {
      await within(this.person, "readwrite", (store) => store.delete(key));
    } catch {
      // a browser that keeps nothing has nothing to drop
    }
  }

  // Everything kept of this, the oldest first.
  async all() {
    try {
      const found = await within(this.person, "readonly", (store) => store.getAll());
      return found.filter((one) => one.of === this.of).sort((a, b) => a.at - b.at);
    } catch {
      return [];
    }
  }
}

// Removes all files of a person from this browser; waits until they are gone.
export function forget(person) {
  return new Promise((resolve) => {
    const removing = indexedDB.deleteDatabase(nameOf(person));
    removing.onsuccess = removing.onerror = resolve;
  });
}
