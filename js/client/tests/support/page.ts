/**
 * A page in Node, for tests that import this first: happy-dom's document, a real database for pages
 * (fake-indexeddb), and Node's own WebSocket, fetch and URL, which happy-dom's would otherwise hide.
 */

import { IDBDatabase, IDBFactory, IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import { Window } from "happy-dom";
import { browserDatabase } from "../../src/browser/database.js";

const window = new Window({ url: "http://127.0.0.1/" });

const ofThePage = { window, document: window.document, location: window.location, navigator: window.navigator };
for (const [name, value] of Object.entries({
  ...ofThePage,
  IDBDatabase,
  IDBKeyRange,
  IDBObjectStore,
  IS_REACT_ACT_ENVIRONMENT: true,
})) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
for (const name of ["HTMLElement", "HTMLIFrameElement", "Element", "Node", "MutationObserver"] as const) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
}
Object.defineProperty(globalThis, "localStorage", { value: window.localStorage, configurable: true, writable: true });

/** A browser in which nothing is kept yet. */
export function emptyBrowser(): void {
  browserDatabase().close();
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
  window.localStorage.clear();
}

emptyBrowser();

/** The page is hidden, or looked at again. */
export function show(isVisible: boolean): void {
  Object.defineProperty(document, "visibilityState", { value: isVisible ? "visible" : "hidden", configurable: true });
  document.dispatchEvent(new window.Event("visibilitychange") as unknown as Event);
}

/** The page is left, and kept by the browser for the way back. */
export function goToSleep(): void {
  dispatch("pagehide");
}

/** The page that was kept is shown again. */
export function wakeUp(): void {
  dispatch("pageshow");
}

function dispatch(name: string): void {
  window.dispatchEvent(Object.assign(new window.Event(name), { persisted: true }));
}
