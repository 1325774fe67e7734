// Keeps the page up to date: fragments of HTML come over /events and replace those of the same id.
"use strict";
(() => {
  const body = document.body;
  const data = body.dataset;
  const byId = (id) => document.getElementById(id);
  const units = data.units.split("|");
  const SILENCE = 25000; // the server says something at least every 10 s
  let skew = Number(data.now) - Date.now();
  let last = data.last ? Number(data.last) : null;
  let patience = data.patience ? Number(data.patience) : null;
  let heard = Date.now();
  let broken = null; // since when the stream is lost, on the monitor's clock
  let source = null;
  let retry = null;

  const now = () => Date.now() + skew;
  const clock = (at) => new Date(at + Number(data.offset) * 1000).toISOString().slice(11, 19);

  function duration(millis) {
    const s = Math.max(0, Math.floor(millis / 1000));
    if (s < 60) return s + "\u00a0" + units[0];
    if (s < 3600) return Math.floor(s / 60) + "\u00a0" + units[1];
    if (s < 172800) return Math.floor(s / 3600) + "\u00a0" + units[2];
    return Math.floor(s / 86400) + "\u00a0" + units[3];
  }

  function set(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  // Once a second: the clock, the age of the last result, and whether any of it can be believed.
  function tick() {
    if (broken === null) set(byId("clock"), clock(now()));
    if (last !== null) {
      set(byId("age"), data.since + " " + duration(now() - last) + " " + data.ago + ".");
    }
    if (Date.now() - heard > SILENCE) lose();
    const stale = patience !== null && last !== null && now() - last > patience;
    const text = broken !== null ? data.lost + " " + clock(broken) + "." : stale ? data.stale : "";
    const notice = byId("notice");
    set(notice, text);
    notice.hidden = text === "";
    body.classList.toggle("faded", text !== "");
  }

  function parse(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  // Where the reader is stays where it is: the focused link is found again in what replaces it.
  function replace(old, html) {
    const fresh = parse(html);
    if (!fresh || old.outerHTML === fresh.outerHTML) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    for (const open of old.querySelectorAll("details[open][id]")) {
      const same = fresh.querySelector("#" + CSS.escape(open.id));
      if (same) same.open = true;
    }
    for (const box of old.querySelectorAll("input:checked")) {
      const same = [...fresh.querySelectorAll("input")].find((one) => one.name === box.name && one.value === box.value);
      if (same) same.checked = true;
    }
    old.replaceWith(fresh);
    const name = focused && focused.dataset.focus;
    if (name) {
      const here = `[data-focus="${name}"]`;
      const same = fresh.matches(here) ? fresh : fresh.querySelector(here);
      if (same) same.focus({ preventScroll: true });
    }
    const href = focused && focused.getAttribute("href");
    if (href) {
      const link = [...fresh.querySelectorAll("a")].find((a) => a.getAttribute("href") === href);
      if (link) link.focus({ preventScroll: true });
    }
  }

  function arrange(list, order, put) {
    const box = byId(list);
    // The groups are others now: the page is made anew.
    if (!box) return order.length && location.reload();
    const wanted = new Set(order);
    for (const child of [...box.children]) if (!wanted.has(child.id)) child.remove();
    order.forEach((id, index) => {
      const tile = byId(id) || (put[id] && parse(put[id]));
      if (tile && box.children[index] !== tile) box.insertBefore(tile, box.children[index] || null);
    });
    const group = box.closest("details.group");
    if (group) group.hidden = !group.querySelector(":scope > div > *");
  }

  function show(patch) {
    if (patch.build !== data.build) return location.reload();
    skew = patch.now - Date.now();
    last = patch.last;
    patience = patch.patience;
    for (const [id, html] of Object.entries(patch.put)) {
      const old = byId(id);
      if (old) replace(old, html);
    }
    for (const list of patch.emptied || []) arrange(list, [], patch.put);
    for (const [list, order] of Object.entries(patch.order || {})) arrange(list, order, patch.put);
    if (patch.title) {
      const title = patch.title + " · litemon";
      if (document.title !== title) {
        document.title = title;
        set(byId("announce"), patch.title);
      }
    }
    if (patch.state && data.state !== patch.state) {
      data.state = patch.state;
      byId("icon").href = body.getAttribute("data-icon-" + patch.state);
    }
  }

  function alive() {
    heard = Date.now();
    broken = null;
  }

  function lose() {
    if (broken === null) broken = now();
    if (source) source.close();
    source = null;
    if (retry === null) retry = setTimeout(listen, 1500 + Math.random() * 1500);
  }

  function listen() {
    retry = null;
    heard = Date.now();
    source = new EventSource(data.events);
    source.addEventListener("patch", (event) => {
      alive();
      show(JSON.parse(event.data));
      tick();
    });
    source.addEventListener("gone", () => location.reload());
    source.addEventListener("error", () => { lose(); tick(); });
  }

  // What narrows a list counts as it is typed: the stream is asked for what is wanted now, and the
  // address says it too, so that loading the page again or sending it to somebody shows the same.
  const form = document.querySelector("form.filter.live");
  let typed = null;
  function narrow() {
    const wanted = new URLSearchParams(new FormData(form));
    for (const [name, value] of [...wanted]) if (!value) wanted.delete(name);
    const address = new URL(location.pathname, location.origin);
    address.search = wanted;
    const events = new URL(data.events, location.origin);
    for (const name of ["q", "group", "state"]) {
      events.searchParams.delete(name);
      for (const link of document.querySelectorAll("thead a")) link.href = kept(link, name, wanted);
      if (wanted.get(name)) events.searchParams.set(name, wanted.get(name));
    }
    data.events = events.pathname + events.search;
    history.replaceState(null, "", address);
    const language = document.querySelector("#languages a");
    if (language) {
      const choice = new URL(language.href);
      choice.searchParams.set("back", address.pathname + address.search);
      language.href = choice;
    }
    if (source) source.close();
    clearTimeout(retry);
    listen();
  }

  function kept(link, name, wanted) {
    const target = new URL(link.href);
    target.searchParams.delete(name);
    if (wanted.get(name)) target.searchParams.set(name, wanted.get(name));
    return target;
  }

  if (form) {
    form.querySelector("button").hidden = true;
    form.addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(narrow, 150); });
    form.addEventListener("submit", (event) => { event.preventDefault(); narrow(); });
  }

  // Which groups are folded stays so while the tab is open.
  for (const group of document.querySelectorAll("details.group")) {
    const key = "folded " + group.id;
    try {
      if (sessionStorage.getItem(key)) group.open = false;
      group.addEventListener("toggle", () => {
        if (group.open) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, "1");
      });
    } catch { break; } // No storage: they are open again next time.
  }

  listen();
  tick();
  setInterval(tick, 1000);
  addEventListener("pagehide", () => { if (source) source.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) lose(); });
})();
