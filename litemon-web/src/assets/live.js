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
      const same = fresh.querySelector("#" + open.id);
      if (same) same.open = true;
    }
    old.replaceWith(fresh);
    const name = focused && focused.dataset.focus;
    if (name) {
      const same = fresh.querySelector(`[data-focus="${name}"]`);
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
    if (!box) return;
    const wanted = new Set(order);
    for (const child of [...box.children]) if (!wanted.has(child.id)) child.remove();
    order.forEach((id, index) => {
      const tile = byId(id) || (put[id] && parse(put[id]));
      if (tile && box.children[index] !== tile) box.insertBefore(tile, box.children[index] || null);
    });
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

  listen();
  tick();
  setInterval(tick, 1000);
  addEventListener("pagehide", () => { if (source) source.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) lose(); });
})();
