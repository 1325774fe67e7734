// Selects servers for what is run on them, and shows a job's output as it comes.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);

  // What is selected is what is seen: a row that a filter takes away takes its selection with it.
  function selecting(form) {
    const told = byId("chosen");
    const choose = byId("choose");
    const boxes = () => [...document.querySelectorAll('input[name="server"][form="run"]')];
    let last = null;

    function tell() {
      const all = boxes();
      const count = all.filter((box) => box.checked).length;
      const words = told.dataset;
      const text = count === 0 ? words.none : count === 1 ? words.one : words.many.replace("#", count);
      if (told.textContent !== text) told.textContent = text;
      const every = count > 0 && count === all.length;
      choose.textContent = every ? choose.dataset.none : choose.dataset.all.replace("#", all.length);
      choose.hidden = all.length === 0;
    }

    choose.addEventListener("click", (event) => {
      event.preventDefault();
      const all = boxes();
      const on = all.some((box) => !box.checked);
      for (const box of all) box.checked = on;
      tell();
    });
    // With Shift, all between this box and the one before.
    document.addEventListener("click", (event) => {
      const box = event.target;
      const all = boxes();
      const at = all.indexOf(box);
      if (at < 0) return;
      const from = event.shiftKey && last ? all.findIndex((one) => one.value === last) : -1;
      if (from >= 0) for (let i = Math.min(from, at); i <= Math.max(from, at); i++) all[i].checked = box.checked;
      last = box.value;
      tell();
    });
    document.addEventListener("change", (event) => { if (event.target.form === form) tell(); });
    const rows = byId("rows");
    if (rows) new MutationObserver(tell).observe(rows, { childList: true });
    addEventListener("pageshow", tell);
    tell();
  }

  const MOST = 32; // outputs that are followed at once
  const LONG = 400000; // characters that are kept of one
  const KEPT = 300000;

  // One stream brings what is printed in all that are open, from where each is.
  function following(id) {
    let source = null;
    let soon = null;
    const open = () => [...document.querySelectorAll("details[open] > div pre[data-server]")];

    function listen() {
      soon = null;
      if (source) source.close();
      source = null;
      const wanted = open().slice(-MOST).map((pre) => "s=" + encodeURIComponent(pre.dataset.server + ":" + pre.dataset.next));
      if (!wanted.length) return;
      source = new EventSource(`/jobs/${id}/tail?${wanted.join("&")}`);
      source.addEventListener("out", (event) => add(JSON.parse(event.data)));
      source.addEventListener("end", () => { source.close(); source = null; });
      source.addEventListener("error", () => again(1500 + Math.random() * 1500));
    }

    function again(wait) {
      if (source) source.close();
      source = null;
      clearTimeout(soon);
      soon = setTimeout(listen, wait);
    }

    function add(news) {
      const pre = byId("o-" + news.server);
      if (!pre || news.next <= Number(pre.dataset.next)) return;
      const follows = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 16;
      if (news.text.includes("\r") || pre.textContent.endsWith("\r")) {
        pre.textContent = settled(pre.textContent + news.text);
      } else {
        pre.append(news.text);
      }
      if (pre.textContent.length > LONG) pre.textContent = pre.textContent.slice(-KEPT);
      pre.dataset.next = news.next;
      if (follows) pre.scrollTop = pre.scrollHeight;
    }

    // A return writes over its line; one at the very end does so when more comes.
    function settled(text) {
      return text.replace(/\r+\n/g, "\n").replace(/[^\n\r]*\r+(?=[^\n\r])/g, "");
    }

    for (const pre of document.querySelectorAll("pre[data-server]")) {
      pre.closest("details").addEventListener("toggle", () => again(50));
    }
    // A link to a server's line opens it.
    function opened() {
      const line = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
      if (line && line.matches("details")) line.open = true;
    }
    addEventListener("hashchange", opened);
    addEventListener("pagehide", () => { if (source) source.close(); });
    addEventListener("pageshow", (event) => { if (event.persisted) again(0); });
    opened();
    for (const pre of open()) pre.scrollTop = pre.scrollHeight;
    again(0);
  }

  const run = byId("run");
  if (run) selecting(run);
  const job = location.pathname.match(/\/jobs\/(\d+)\/?$/);
  if (job) following(job[1]);
  // A second press of a button that is on its way would run it twice.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = "1";
    setTimeout(() => delete event.target.dataset.sent, 10000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
