/* What the browser does by itself: clocks, keys, uploads, panes. No framework, no inline handlers.
   Components mark elements with data-* attributes (helpdesk/components); this file only reads them.
   Elements it writes into have no children in React, so React never fights over them. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const box = (storage) => ({
    get(key) { try { return storage().getItem(key); } catch { return null; } },
    set(key, value) { try { storage().setItem(key, value); } catch { /* private mode */ } },
    remove(key) { try { storage().removeItem(key); } catch { /* private mode */ } },
  });
  const store = box(() => localStorage), session = box(() => sessionStorage);

  // ---- Clocks: data-time (how long ago), data-due-at (how long left) ------------------------------------------
  const MINUTE = 60, HOUR = 3600, DAY = 86400;
  const parse = (text) => (text ? Date.parse(text.replace(" ", "T")) : NaN);
  const zone = () => $("[data-time-zone]")?.dataset.timeZone || undefined;
  const formats = new Map();
  function format(style, moment) {
    const key = style + (zone() ?? "");
    if (!formats.has(key)) {
      const options = {
        full: { dateStyle: "full", timeStyle: "short" },
        absolute: { dateStyle: "medium", timeStyle: "short" },
        date: { day: "numeric", month: "short", year: "numeric" },
        day: { day: "numeric", month: "short" },
      }[style];
      let formatter;
      try { formatter = new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone() }); }
      catch { formatter = new Intl.DateTimeFormat(undefined, options); }
      formats.set(key, formatter);
    }
    return formats.get(key).format(moment);
  }
  function ago(moment, form) {
    if (form === "absolute" || form === "date") return format(form, moment);
    const seconds = (Date.now() - moment) / 1000, past = seconds >= 0, size = Math.abs(seconds);
    if (size < 45) return form === "long" ? "just now" : "now";
    if (size >= 7 * DAY) return format(new Date(moment).getFullYear() === new Date().getFullYear() ? "day" : "date", moment);
    const [number, letter, word] =
      size < HOUR - 30 ? [Math.max(1, Math.round(size / MINUTE)), "m", "minute"]
      : size < DAY - 1800 ? [Math.round(size / HOUR), "h", "hour"]
      : [Math.round(size / DAY), "d", "day"];
    if (form !== "long") return past ? `${number}${letter}` : `in ${number}${letter}`;
    const words = `${number} ${word}${number === 1 ? "" : "s"}`;
    return past ? `${words} ago` : `in ${words}`;
  }
  function span(seconds, inHours) { // a day of working time is no day
    const s = Math.abs(seconds);
    if (s < MINUTE) return `${Math.floor(s)}s`;
    if (s < HOUR) return `${Math.floor(s / MINUTE)}m`;
    if (s < DAY || inHours) return `${Math.floor(s / HOUR)}h ${String(Math.floor((s % HOUR) / MINUTE)).padStart(2, "0")}m`;
    return `${Math.floor(s / DAY)}d ${Math.floor((s % DAY) / HOUR)}h`;
  }
  function write(element, text) { if (element.textContent !== text) element.textContent = text; }
  function paint(element) {
    const data = element.dataset;
    if (data.time === undefined && data.dueAt === undefined) return visible.delete(element); // React made it something else
    if (data.dueAt !== undefined) return paintDue(element, data);
    const moment = parse(data.time);
    if (Number.isNaN(moment)) return write(element, "");
    write(element, ago(moment, data.form));
    const title = format("full", moment);
    if (element.title !== title) element.title = title;
  }
  // What is left in working time: data-hours are spans of seconds since 1970, "0-" open already, "+" what comes after them.
  function worked(hours, now) {
    if (!hours) return null;
    return hours.split(",").reduce((sum, one) => {
      if (one[0] === "+") return sum + Number(one);
      const [opens, closes] = one.split("-").map(Number);
      return sum + Math.max(0, closes - Math.max(opens, now / 1000));
    }, 0);
  }
  function paintDue(element, data) {
    const target = $("[data-due-text]", element) ?? element, due = parse(data.dueAt);
    if (data.state === "met" || data.state === "paused") {
      data.now = data.state;
      return write(target, data.state === "met" ? "Met" : "Paused");
    }
    if (Number.isNaN(due)) return write(target, "");
    const now = Date.now(), late = (due - now) / 1000, left = late > 0 ? worked(data.hours, now) ?? late : late;
    write(target, left >= 0 ? span(left, Boolean(data.hours)) : `${span(left)} over`);
    if (data.state !== undefined) {
      const warned = parse(data.warnAt) <= Date.now();
      const state = late < 0 ? "breached" : data.state === "at_risk" || warned ? "at_risk" : "ok";
      if (data.now !== state) data.now = state; // data-state stays the server's word
      const promised = Number(data.target), told = { ok: "due", at_risk: "at risk, due", breached: "was due" }[state];
      const said = `${data.what ? `${data.what} ` : ""}${told} ${format("full", due)}`;
      const title = said[0].toUpperCase() + said.slice(1) + (promised && late > 0 ? ` · ${span(promised - left, true)} of ${span(promised, true)} counted` : "");
      if (element.title !== title) element.title = title;
    } else element.title = format("full", due);
  }
  const CLOCKS = "[data-time], [data-due-at]";
  const visible = new Set();
  const seen = new WeakSet();
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) { visible.add(target); paint(target); } else visible.delete(target);
    }
  });
  function adoptClocks(root) {
    if (root.matches?.(CLOCKS)) adoptClock(root);
    for (const element of $$(CLOCKS, root)) adoptClock(element);
  }
  // A prerendered element must stay as it is until React has taken it over, or React throws the page away.
  const waiting = new Set();
  const taken = (element) => Object.keys(element).some((key) => key.startsWith("__react"));
  const patience = setInterval(() => {
    for (const element of waiting) if (taken(element)) { waiting.delete(element); adoptClock(element); }
  }, 50);
  setTimeout(() => clearInterval(patience), 30000);
  function adoptClock(element) {
    if (!taken(element)) return waiting.add(element);
    paint(element); // before the browser draws: no flash, no shift
    if (!seen.has(element)) { seen.add(element); watcher.observe(element); }
  }
  setInterval(() => {
    if (document.hidden) return;
    for (const element of visible) element.isConnected ? paint(element) : visible.delete(element);
  }, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) visible.forEach(paint); });

  // ---- @: colleagues by name ---------------------------------------------------------------------------------------
  const people = { list: null, area: null, at: 0 };
  function mentionWord(area) {
    const before = area.value.slice(0, area.selectionStart), found = /(?:^|[\s(])@([^\s@](?:[^@\n]{0,40})?|)$/.exec(before);
    return found ? found[1] : null;
  }
  function offerMentions(area) {
    const word = mentionWord(area), options = document.getElementById(area.dataset.mentions);
    const fitting = word === null || !options ? [] : $$("option", options).map((one) => one.value)
      .filter((name) => ` ${name.toLowerCase()}`.includes(` ${word.toLowerCase()}`)).slice(0, 8);
    if (!fitting.length) return closeMentions();
    if (!people.list) {
      people.list = document.createElement("ul");
      Object.assign(people.list, { className: "hd-menu hd-mentions", id: "mention-list" });
      people.list.setAttribute("role", "listbox");
      people.list.setAttribute("aria-label", "Colleagues");
      people.list.addEventListener("mousedown", (event) => {
        const item = event.target.closest("li");
        if (item) { event.preventDefault(); pickMention(item.textContent); }
      });
      document.body.append(people.list);
    }
    people.area = area; people.word = word;
    people.at = Math.min(people.at, fitting.length - 1);
    people.list.replaceChildren(...fitting.map((name, number) => {
      const item = document.createElement("li");
      item.textContent = name;
      item.id = `mention-${number}`;
      item.className = "hd-menu-item";
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(number === people.at));
      return item;
    }));
    const box = area.getBoundingClientRect();
    Object.assign(people.list.style, { left: `${box.left + 8}px`, bottom: `${innerHeight - box.top + 4}px` });
    area.setAttribute("aria-controls", "mention-list");
    area.setAttribute("aria-activedescendant", `mention-${people.at}`);
  }
  function closeMentions() {
    people.list?.remove();
    people.area?.removeAttribute("aria-activedescendant");
    people.list = people.area = null; people.at = 0;
  }
  function pickMention(name) {
    const { area, word } = people, end = area.selectionStart, start = end - word.length - 1;
    area.focus();
    area.setSelectionRange(start, end);
    // As if typed: the browser's undo and React both learn of it.
    if (!document.execCommand("insertText", false, `@${name} `)) area.setRangeText(`@${name} `, start, end, "end");
    closeMentions();
  }
  document.addEventListener("input", ({ target }) => { if (target.dataset?.mentions) { people.at = 0; offerMentions(target); } });
  document.addEventListener("focusout", ({ target }) => { if (target === people.area) closeMentions(); });
  document.addEventListener("keydown", (event) => {
    if (!people.list || event.target !== people.area || event.isComposing) return;
    const items = $$("li", people.list), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { people.at = (people.at + step + items.length) % items.length; offerMentions(people.area); }
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") pickMention(items[people.at].textContent);
    else if (event.key === "Escape") closeMentions();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // ---- Text areas that grow ------------------------------------------------------------------------------------
  function grow(area) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-autosize]")) grow(event.target);
    if (event.target.dataset?.draft) keepDraft(event.target);
  });

  // ---- Unsent texts, kept under what they belong to ---------------------------------------------------------------
  const draftKey = (area) => `desk.draft.${area.dataset.draft}`;
  function keepDraft(area) {
    if (area.value.trim()) session.set(draftKey(area), area.value); else session.remove(draftKey(area));
  }
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute?.("action") !== "/auth/sign-out") return;
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("desk.draft.")) session.remove(key);
  });
  function restoreDraft(area) {
    if (!area.dataset.draft || area.dataset.draftOf === area.dataset.draft) return;
    // What this tab holds is the freshest; else what the server kept for another device.
    const moved = area.dataset.draftOf !== undefined, draft = session.get(draftKey(area)) ?? (area.dataset.draftKept || null);
    area.dataset.draftOf = area.dataset.draft;
    const kind = (moved || draft !== null) && area.form && $(`input[name="kind"][value="${CSS.escape(area.dataset.draftKind || "reply")}"]`, area.form);
    if (kind) kind.checked = true; // a note must never come back as a reply
    if (draft !== null && (moved || !area.value)) area.value = draft;
    else if (moved) area.value = area.defaultValue;
    grow(area);
  }

  // ---- Watch the page ------------------------------------------------------------------------------------------
  new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === "attributes") {
        if (record.target.matches(CLOCKS)) paint(record.target);
        else if (record.attributeName === "data-draft") restoreDraft(record.target);
        else if (record.attributeName === "data-newest") somethingNew(record.target);
        else if (record.attributeName === "data-width") restoreWidth(record.target);
      }
      else for (const node of record.addedNodes) if (node.nodeType === 1) { adopt(node); stick(node); }
    }
  }).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-time", "data-due-at", "data-warn-at", "data-hours", "data-state", "data-draft", "data-newest", "data-width"],
  });
  // A conversation opens at its end, and stays there while something new comes, unless one has scrolled up to read.
  const ends = new WeakMap();
  function stick(node) {
    for (const scroller of new Set([node.closest("[data-stick]"), ...$$("[data-stick]", node)])) {
      if (scroller && ends.get(scroller) !== false) scroller.scrollTop = scroller.scrollHeight;
    }
  }
  document.addEventListener("scroll", ({ target }) => {
    if (target.dataset?.stick) ends.set(target, target.scrollHeight - target.scrollTop - target.clientHeight < 80);
  }, { capture: true, passive: true });
  function adopt(root) {
    refocusCard(root);
    adoptClocks(root);
    for (const area of root.matches?.("[data-draft]") ? [root] : $$("[data-draft]", root)) restoreDraft(area);
    for (const area of root.matches?.("[data-autosize]") ? [root] : $$("[data-autosize]", root)) if (area.value) grow(area);
    for (const panes of root.matches?.("[data-panes]") ? [root] : $$("[data-panes]", root)) restoreWidth(panes);
    for (const row of $$("[data-shortcut]", root)) row.hidden = !hasKey(row.dataset.shortcut);
    for (const group of $$(".hd-shortcuts > section", root)) group.hidden = !$("[data-shortcut]:not([hidden])", group);
    for (const form of root.matches?.("[data-newest]") ? [root] : $$("[data-newest]", root)) form.dataset.newestOf = subject(form);
  }

  // ---- Keys ----------------------------------------------------------------------------------------------------
  const EDITABLE = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]):not([type=range]), textarea, select, [contenteditable=true]";
  const MAC = /Mac|iP(hone|ad)/.test(navigator.platform ?? "");
  let first = "", firstAt = 0;
  const modal = () => $$('[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"], [role="menu"][data-state="open"]').at(-1);
  const usable = (element) => element && !element.disabled && !element.closest("[hidden]") && (element.checkVisibility({ visibilityProperty: true }) || element.matches(".hd-hidden-trigger"));
  function byHotkey(key) { return $$(`[data-hotkey="${CSS.escape(key)}"]`, modal() ?? document).find(usable); }
  // Whether a key does anything on this page, for the list behind ?.
  const BY_OTHERS = { "j k": "[data-nav-list]", Enter: "[data-nav-list]", x: "[data-nav-select]", "Shift x": "[data-nav-select]", "Ctrl Enter": "[data-send]", Esc: "html" };
  function hasKey(key) {
    if (BY_OTHERS[key]) return !!$(BY_OTHERS[key]);
    return $$(`[data-hotkey="${CSS.escape(key)}"]`).some((each) => !each.closest("[hidden]")) || !!$(`[data-reveals~="${CSS.escape(key)}"]:not([disabled])`);
  }
  function press(element) {
    const focus = element.dataset.hotkeyFocus;
    if (element.matches(".hd-hidden-trigger") && !modal()) cameFrom = document.activeElement === document.body ? null : document.activeElement;
    if (element.matches("input[type=radio], input[type=checkbox]")) element.click();
    else if (element.matches(EDITABLE)) { element.focus(); element.select?.(); return; }
    else if (element.getAttribute("aria-haspopup") === "menu" && element.dataset.state === "closed") {
      // Menus open on pointer down; a click alone is not enough.
      element.focus();
      element.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, button: 0, ctrlKey: false, pointerType: "mouse" }));
    } else element.click();
    if (focus) document.getElementById(focus)?.focus();
  }
  // A dialog gives the focus back to what opened it. If that was a key, then to where one was.
  let cameFrom = null;
  document.addEventListener("focusin", ({ target }) => {
    if (!target.matches?.(".hd-hidden-trigger") || target.dataset.hears) return;
    if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true }); else target.blur();
    cameFrom = null;
  });
  // What a key presses may lie in a tab that is not drawn, or in the drawer: show it first.
  function bringUp(key) {
    const tab = $(`[data-reveals~="${CSS.escape(key)}"]`);
    if (!tab || tab.disabled) return false;
    const panes = tab.closest("[data-panes]"), toggle = panes && $("[data-side-toggle]", panes);
    if (usable(toggle) && panes.dataset.sideOpen !== "true") toggleSide(toggle);
    if (tab.dataset.state !== "active") tab.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, button: 0 }));
    let frames = 60;
    (function look() {
      const found = byHotkey(key);
      if (found) press(found);
      else if (frames--) requestAnimationFrame(look);
    })();
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && target.matches("[data-send]")) {
      event.preventDefault();
      plainly(target.form);
      target.form?.requestSubmit();
      return;
    }
    if ((MAC ? event.metaKey : event.ctrlKey) && !event.altKey && event.key.toLowerCase() === "k") {
      const palette = byHotkey("mod+k");
      if (palette) { event.preventDefault(); press(palette); }
      return;
    }
    if (target.matches("[data-palette]")) { choose(event, target); return; }
    if (target.matches("[data-resize]") && resizeByKey(event, target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (onBoard(event, target)) return;
    if (target.matches(EDITABLE)) {
      if (event.key === "Escape" && !modal()) target.blur();
      return;
    }
    if (event.key === "Escape" && closeSide()) return;
    if ($("[data-single-keys]")?.dataset.singleKeys === "off" && event.key.length === 1) return;
    if (navigate(event, target)) return;
    const key = event.key.length === 1 && event.shiftKey && /[a-z]/i.test(event.key) ? `Shift+${event.key.toUpperCase()}` : event.key;
    const pair = first && Date.now() - firstAt < 1200 ? `${first} ${key}` : "";
    first = "";
    const found = (pair && byHotkey(pair)) || byHotkey(key);
    if (found) { event.preventDefault(); press(found); return; }
    if (!modal() && bringUp(key)) { event.preventDefault(); return; }
    if (key.length === 1 && $(`[data-hotkey^="${CSS.escape(key)} "]`)) { first = key; firstAt = Date.now(); }
  });

  // ---- Lists: j, k, arrows inside; x ticks; Enter is the link's own ---------------------------------------------
  function navigate(event, target) {
    const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    const arrows = event.key.startsWith("Arrow");
    const list = target.closest("[data-nav-list]") ?? (arrows ? null : $("[data-nav-list]", modal() ?? document));
    if (!list || (modal() && !modal().contains(list))) return false;
    const items = $$("[data-nav-item]", list).filter((item) => item.offsetParent !== null);
    const row = (item) => item.closest("li, tr") ?? item;
    const at = items.findIndex((item) => item === target || row(item).contains(target));
    if ((event.key === "x" || event.key === "X") && at >= 0) {
      const box = $("[data-nav-select]", row(items[at]));
      box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
      event.preventDefault();
      return true;
    }
    if (!step || !items.length || (modal() && !arrows && target.closest("[role=menu]"))) return false;
    const current = at >= 0 ? at : items.findIndex((item) => item.getAttribute("aria-current") === "true");
    const next = current < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, current + step));
    items[next].focus();
    items[next].scrollIntoView({ block: "nearest" });
    event.preventDefault();
    return true;
  }

  // ---- The palette: the field keeps the focus, arrows choose, Enter follows -----------------------------------------
  function choose(event, field) {
    const items = $$("[data-palette-item]", field.closest("[role=dialog]"));
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") { event.preventDefault(); (items[at] ?? items[0])?.click(); return; }
    if (!step || !items.length) return;
    event.preventDefault();
    const next = items[(Math.max(at, step > 0 ? -1 : 0) + step + items.length) % items.length];
    for (const item of items) item.setAttribute("aria-selected", String(item === next));
    field.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.("[data-palette]")) return;
    // Other words, other items: the first is meant again.
    for (const item of $$("[data-palette-item][aria-selected]")) item.removeAttribute("aria-selected");
    target.removeAttribute("aria-activedescendant");
  });
  document.addEventListener("click", ({ target }) => {
    const item = target.closest?.("[data-palette-press]");
    if (!item) return;
    const key = item.dataset.palettePress;
    setTimeout(() => { const found = byHotkey(key); if (found) press(found); else bringUp(key); }, 200); // closed, the focus back
  });

  // ---- The board: cards are dragged, or moved with Shift and arrows; arrows alone go to the next column --------------
  let refocus = "";
  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card) return;
    event.dataTransfer.setData("text/x-card", card.dataset.card);
    event.dataTransfer.effectAllowed = "move";
    card.dataset.dragging = "true";
  });
  document.addEventListener("dragend", ({ target }) => { if (target.dataset?.card) delete target.dataset.dragging; over(null); });
  const over = (column) => { for (const one of $$("[data-drop]")) one.toggleAttribute("data-over", one === column); };
  const carried = (event) => [...(event.dataTransfer?.types ?? [])].includes("text/x-card");
  document.addEventListener("dragover", (event) => {
    if (!carried(event)) return;
    const column = event.target.closest?.("[data-drop]");
    over(column ?? null);
    if (column) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const column = carried(event) && event.target.closest?.("[data-drop]");
    if (!column) return;
    event.preventDefault();
    tell("drop", `${event.dataTransfer.getData("text/x-card")} ${column.dataset.drop}`);
  });
  function onBoard(event, target) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], column = step && target.closest("[data-drop]");
    if (!column) return false;
    const columns = $$("[data-drop]", column.parentElement), card = target.closest("[data-card]");
    let next = columns[columns.indexOf(column) + step];
    event.preventDefault();
    if (event.shiftKey) {
      if (next && card) { refocus = card.dataset.card; tell("drop", `${refocus} ${next.dataset.drop}`); }
      return true;
    }
    while (next && !$("[data-nav-item]", next)) next = columns[columns.indexOf(next) + step];
    if (next) $("[data-nav-item]", next).focus();
    return true;
  }
  function refocusCard(root) {
    const card = refocus && (root.dataset?.card === refocus ? root : $(`[data-card="${CSS.escape(refocus)}"]`, root));
    if (card) { refocus = ""; $("[data-nav-item]", card)?.focus(); }
  }

  // ---- What only this file sees, told to the page's state (components/bridge.py) -----------------------------------
  const setText = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  function tell(name, text) {
    const ear = $(`[data-hears="${name}"]`);
    if (!ear) return false;
    setText.call(ear, ear.value === text ? `${text} ` : text); // the same words twice are no change otherwise
    ear.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  // ---- Company: the open page says that it is open, and that its reader writes; never which ticket, nor who ---------
  const BEAT = 20000, TYPED = 3000;
  let typedAt = 0;
  const beat = (doing) => tell("presence", doing);
  setInterval(() => { if (!document.hidden) beat("viewing"); }, BEAT);
  document.addEventListener("visibilitychange", () => beat(document.hidden ? "gone" : "viewing"));
  addEventListener("pagehide", () => beat("gone"));
  document.addEventListener("input", ({ target }) => {
    const form = target.matches?.("[data-send]") && target.closest(".hd-composer");
    if (!form || Date.now() - typedAt < TYPED) return;
    typedAt = Date.now();
    beat(!target.value.trim() ? "stopped" : new FormData(form).get("kind") === "note" ? "noting" : "replying");
  });
  document.addEventListener("reset", ({ target }) => { if (target.matches(".hd-composer")) { typedAt = 0; beat("stopped"); } });

  // ---- Macros: / in an empty answer opens them, as m does elsewhere ------------------------------------------------
  document.addEventListener("keydown", (event) => {
    const area = event.target;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !area.matches?.(".hd-composer-text") || area.value) return;
    const button = $("[data-macros]", area.form);
    if (button) { event.preventDefault(); button.click(); }
  });

  // ---- Something new came while one was writing: the first Send shows it ------------------------------------------
  const subject = (form) => $("[data-send]", form)?.dataset.draft ?? "";
  function somethingNew(form) {
    // Another ticket's text was put there with another ticket's conversation: nothing new about that.
    const isOther = form.dataset.newestOf !== subject(form);
    form.dataset.newestOf = subject(form);
    if (isOther) delete form.dataset.review;
    else if (form.dataset.newest && $("[data-send]", form)?.value.trim()) form.dataset.review = "true";
  }
  function review(form) {
    delete form.dataset.review;
    const pane = form.closest(".hd-ticket") ?? document, last = $$(".hd-comment", pane).at(-1);
    last?.scrollIntoView({ block: "end" });
    if (last) { last.dataset.new = "true"; setTimeout(() => delete last.dataset.new, 2000); }
    $("[data-send]", form)?.focus({ preventScroll: true });
  }
  document.addEventListener("submit", (event) => {
    if (event.target.dataset?.review !== "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    review(event.target);
  }, true);
  document.addEventListener("reset", ({ target }) => { delete target.dataset.review; });

  // ---- Clicks that belong to nobody's handler -------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const opener = target.closest("[data-press]");
    if (opener) { const other = byHotkey(opener.dataset.press); if (other) press(other); }
    const tick = target.closest("[data-tick]");
    if (tick) tell("tick", tick.dataset.tick + (event.shiftKey ? "+" : ""));
    const next = target.closest("[data-focus-next]");
    if (next) focusSoon(next.dataset.focusNext);
    const look = target.closest("[data-review-now]");
    if (look) review(look.closest("form"));
    const fill = target.closest("[data-fill]"), filled = fill && document.getElementById(fill.dataset.fill);
    if (filled) { filled.value = fill.dataset.value; filled.dispatchEvent(new Event("input", { bubbles: true })); filled.focus(); }
    const copy = target.closest("[data-copy]");
    if (copy) copyText(copy);
    const pictures = target.closest("[data-show-pictures]");
    if (pictures) {
      pictures.closest("article, section, div.hd-bubble")?.querySelectorAll("img[data-remote]").forEach((one) => { one.src = one.dataset.remote; });
      pictures.hidden = true;
    }
    plainly(target.closest("button[type=submit]")?.form);
    const as = target.closest("[data-submit-as]");
    if (as) submitAs(as);
    const eye = target.closest("[data-reveal]");
    if (eye) reveal(eye);
    const toggle = target.closest("[data-side-toggle]");
    if (toggle) toggleSide(toggle);
    else if (target.closest("[data-side-close]")) closeSide();
  });
  // Where to go on when what was pressed vanishes with its press.
  function focusSoon(id, tries = 20) {
    setTimeout(() => {
      if (document.activeElement && document.activeElement !== document.body && document.activeElement.id !== id) return;
      const found = document.getElementById(id);
      if (found) found.focus({ preventScroll: true });
      if (tries) focusSoon(id, tries - 5);
    }, 100);
  }
  function copyText(element) {
    navigator.clipboard?.writeText(element.dataset.copy).then(() => {
      element.dataset.copied = "true";
      setTimeout(() => delete element.dataset.copied, 1500);
    });
  }
  // What "Send & resolve" set must not stick to the next plain Send.
  function plainly(form) { const field = form && $("[data-then]", form); if (field) field.value = ""; }
  function reveal(eye) {
    const field = document.getElementById(eye.dataset.reveal);
    if (!field) return;
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    eye.setAttribute("aria-pressed", String(shown));
    eye.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
    field.focus();
  }
  function submitAs(item) {
    const form = document.getElementById(item.dataset.submitForm), field = form && $("[data-then]", form);
    if (!form) return;
    if (field) field.value = item.dataset.submitAs;
    setTimeout(() => form.requestSubmit(), 0); // after the menu has closed and given focus back
  }

  // ---- Panes: width by pointer or arrows, the drawer --------------------------------------------------------------
  const WIDTH = "desk.list-width";
  const clamp = (width) => Math.round(Math.min(460, Math.max(260, width)));
  function setWidth(panes, width) {
    panes.style.setProperty("--list", `${clamp(width)}px`);
    $("[data-resize]", panes)?.setAttribute("aria-valuenow", clamp(width));
  }
  // What the server remembers of the person wins over what this browser does.
  function restoreWidth(panes) { const width = Number(panes.dataset.width) || Number(store.get(WIDTH)); if (width) setWidth(panes, width); }
  function keepWidth(handle) {
    const width = handle.getAttribute("aria-valuenow");
    store.set(WIDTH, width);
    clearTimeout(keepWidth.soon);
    keepWidth.soon = setTimeout(() => tell("width", width), 400);
  }
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target instanceof Element && event.target.closest("[data-resize]");
    if (!handle) return;
    const panes = handle.closest("[data-panes]"), left = panes.getBoundingClientRect().left;
    handle.setPointerCapture(event.pointerId);
    handle.dataset.dragging = "true";
    const move = (e) => setWidth(panes, e.clientX - left);
    const end = () => {
      delete handle.dataset.dragging;
      handle.removeEventListener("pointermove", move);
      keepWidth(handle);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end, { once: true });
    handle.addEventListener("pointercancel", end, { once: true });
    event.preventDefault();
  });
  function resizeByKey(event, handle) {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (!step) return false;
    setWidth(handle.closest("[data-panes]"), Number(handle.getAttribute("aria-valuenow")) + step);
    keepWidth(handle);
    event.preventDefault();
    return true;
  }
  function toggleSide(button) {
    const panes = button.closest("[data-panes]"), open = panes?.dataset.sideOpen !== "true";
    if (!panes) return;
    panes.dataset.sideOpen = String(open);
    button.setAttribute("aria-expanded", String(open));
    if (open) { const side = $(".hd-pane-side", panes); side?.setAttribute("tabindex", "-1"); side?.focus(); }
  }
  function closeSide() {
    const panes = $('[data-panes][data-side-open="true"]');
    if (!panes) return false;
    panes.dataset.sideOpen = "false";
    const button = $("[data-side-toggle]", panes);
    button?.setAttribute("aria-expanded", "false");
    button?.focus();
    return true;
  }

  // ---- Uploads: pick, drop, paste; each file is its own request with progress -------------------------------------
  const UPLOADS = "/files";
  const formOf = (element) => element.closest("[data-upload]");
  function send(form, file) {
    const list = $("[data-upload-list]", form), ids = $("[data-upload-ids]", form);
    if (!list || !ids) return;
    const chip = document.createElement("li"), name = document.createElement("span"), cross = document.createElement("button");
    const done = Object.assign(document.createElement("span"), { className: "hd-upload-done" });
    chip.className = "hd-upload";
    name.textContent = name.title = file.name || "Screenshot.png";
    cross.type = "button";
    cross.textContent = "×";
    cross.setAttribute("aria-label", `Remove ${name.textContent}`);
    chip.append(name, done, cross);
    list.append(chip);
    delete form.dataset.forsaken;
    const request = new XMLHttpRequest(), body = new FormData();
    body.append("file", file, name.textContent);
    const sync = () => { ids.value = $$("li[data-id]", list).map((each) => each.dataset.id).join(","); };
    const fail = (why) => { chip.dataset.state = "failed"; done.textContent = ""; name.textContent = name.title = `${file.name || "Screenshot"}: ${why}`; busy(form); };
    cross.addEventListener("click", () => {
      request.abort();
      if (chip.dataset.kept) fetch(`${UPLOADS}/${chip.dataset.kept}`, { method: "DELETE", keepalive: true }).catch(() => {}); // else it goes by itself, in a day
      chip.remove(); sync(); busy(form);
    });
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = `${Math.round((event.loaded / event.total) * 100)}%`;
      chip.style.setProperty("--done", share);
      // All of it has left; what takes its time now is looking into it.
      done.textContent = event.loaded === event.total ? "checking…" : share;
    });
    request.addEventListener("load", () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* not ours */ }
      if (answer?.id !== undefined && (form.dataset.uploadTo || UPLOADS) === UPLOADS) chip.dataset.kept = answer.id;
      if (request.status >= 200 && request.status < 300 && answer?.scan === "infected") fail(answer.blocked);
      else if (request.status >= 200 && request.status < 300 && answer?.id !== undefined) {
        chip.dataset.id = answer.id;
        chip.dataset.state = "done";
        done.textContent = answer.scan === "pending" ? "virus check follows" : "";
        sync();
        busy(form);
      } else fail(reason(answer, request.status));
    });
    request.addEventListener("error", () => fail("no connection"));
    chip.dataset.state = "sending";
    busy(form);
    request.open("POST", form.dataset.uploadTo || UPLOADS);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }
  function reason(answer, status) {
    const text = answer?.error?.message ?? answer?.message ?? answer?.detail;
    if (typeof text === "string") return text;
    return { 401: "please sign in again", 413: "too large", 415: "this type is not allowed", 429: "too many, wait a moment", 503: "cannot be stored at the moment, try again later" }[status] ?? "not accepted";
  }
  // A form waits for its files: it would go without them. One that failed stops it, for people to see.
  function busy(form) {
    const sending = !!$('[data-upload-list] [data-state="sending"]', form);
    form.dataset.uploading = String(sending);
    if (sending || form.dataset.sendNext !== "true") return;
    delete form.dataset.sendNext;
    if (!$('[data-upload-list] [data-state="failed"]', form)) form.requestSubmit();
  }
  document.addEventListener("submit", (event) => {
    // A password left readable would be remembered by browsers as ordinary text.
    for (const eye of $$('[data-reveal][aria-pressed="true"]', event.target)) reveal(eye);
    if (event.target.dataset?.uploading !== "true") return;
    event.target.dataset.sendNext = "true";
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches?.("[data-upload-input]")) return;
    const form = formOf(input);
    if (form) for (const file of input.files) send(form, file);
    input.value = "";
  });
  document.addEventListener("paste", (event) => {
    const form = event.target instanceof Element && formOf(event.target), files = [...(event.clipboardData?.files ?? [])];
    if (!form || !files.length) return;
    event.preventDefault();
    for (const file of files) send(form, file);
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      const form = event.target instanceof Element && formOf(event.target);
      event.preventDefault(); // a file dropped beside the form must not replace the page
      if (!form) return;
      if (kind === "dragleave" && form.contains(event.relatedTarget)) return;
      form.dataset.dragging = String(kind === "dragenter" || kind === "dragover");
      if (kind === "drop") for (const file of event.dataTransfer.files) send(form, file);
    });
  }
  document.addEventListener("reset", (event) => {
    const form = event.target;
    setTimeout(() => {
      for (const field of $$("[data-upload-ids], [data-then]", form)) field.value = "";
      for (const list of $$("[data-upload-list]", form)) list.replaceChildren();
      for (const area of $$("[data-autosize]", form)) area.style.height = "";
      for (const area of $$("[data-draft]", form)) if (area.dataset.draft) session.remove(draftKey(area));
    }, 0);
  });

  // ---- Pictures large, in front of the page: Escape closes, arrows go to the next of the conversation ----------------
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[data-lightbox]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const all = $$("a[data-lightbox]");
    let at = all.indexOf(link);
    const make = (tag, facts) => Object.assign(document.createElement(tag), facts);
    const frame = make("dialog", { className: "hd-lightbox" }), image = make("img", {}), name = make("span", { className: "truncate" });
    const act = (label, sign, run) => {
      const button = make("button", { type: "button", textContent: sign, title: label, onclick: run });
      button.setAttribute("aria-label", label);
      return button;
    };
    const save = make("a", { textContent: "Download", className: "hd-lightbox-save" });
    const go = (step) => {
      at = (at + step + all.length) % all.length;
      image.src = all[at].href;
      image.alt = name.textContent = all[at].dataset.lightbox;
      frame.setAttribute("aria-label", all[at].dataset.lightbox);
      save.href = all[at].href.replace("?show=true", "");
    };
    const bar = make("div", { className: "hd-lightbox-bar" });
    bar.append(name, ...(all.length > 1 ? [act("Previous picture", "‹", () => go(-1)), act("Next picture", "›", () => go(1))] : []), save, act("Close", "×", () => frame.close()));
    frame.append(bar, image);
    frame.addEventListener("click", (hit) => { if (hit.target === frame) frame.close(); });
    frame.addEventListener("keydown", (key) => {
      key.stopPropagation(); // single keys mean something to the page behind
      if (key.key === "ArrowLeft") go(-1);
      if (key.key === "ArrowRight") go(1);
    });
    frame.addEventListener("close", () => { frame.remove(); link.focus(); });
    document.body.append(frame);
    go(0);
    frame.showModal();
  });

  // ---- One's own picture: cut to a square and made small here, which also leaves out where it was taken ----------
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches?.("[data-picture-input]") || !input.files[0]) return;
    const said = $("[data-picture-error]"), file = input.files[0];
    input.value = "";
    said.textContent = "";
    try {
      const body = new FormData();
      body.append("file", await square(file), "picture");
      const answer = await fetch("/files/picture", { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.ok) $("[data-picture-done]")?.click();
      else said.textContent = reason(await answer.json().catch(() => null), answer.status);
    } catch { said.textContent = "This file is no picture browsers can show. Choose another."; }
  });
  async function square(file, side = 256) {
    const image = await createImageBitmap(file), edge = Math.min(image.width, image.height);
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    canvas.getContext("2d").drawImage(image, (image.width - edge) / 2, (image.height - edge) / 2, edge, edge, 0, 0, side, side);
    return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/webp", 0.85));
  }

  // ---- After navigation: focus the title so that screen readers and Tab start there --------------------------------
  let path = location.pathname;
  // On a phone the settings' navigation is a strip: have the open section in it.
  const inStrip = () => setTimeout(() => {
    const strip = $(".hd-settings-nav"), open = strip && $("[aria-current=page]", strip);
    if (open && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = open.offsetLeft - strip.offsetLeft - (strip.clientWidth - open.offsetWidth) / 2;
  }, 400);
  function moved() {
    if (location.pathname === path) return;
    path = location.pathname;
    inStrip();
    setTimeout(() => {
      const active = document.activeElement;
      if (active && active !== document.body && active.isConnected && active.matches("[data-nav-item], " + EDITABLE)) return;
      $("[data-page-title]")?.focus({ preventScroll: true });
    }, 120);
  }
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...args) { const result = original.apply(this, args); moved(); return result; };
  }
  addEventListener("popstate", moved);

  // ---- Offline ---------------------------------------------------------------------------------------------------
  const offline = () => { for (const line of $$("[data-offline]")) line.hidden = navigator.onLine; };
  addEventListener("online", offline);
  addEventListener("offline", offline);

  const start = () => { adopt(document.documentElement); stick(document.documentElement); offline(); inStrip(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();

  // ---- Lists put in order: drag the handle, or press the arrows on it. The order goes to the form it names ----------
  const inOrder = (row) => $$(":scope > [data-reorder-id]", row.parentElement);
  function reorder(handle, to) {
    const row = handle.closest("[data-reorder-id]"), rows = inOrder(row), from = rows.indexOf(row);
    const form = document.getElementById(handle.dataset.reorder), now = () => inOrder(row).map((one) => one.dataset.reorderId).join();
    if (!form || to < 0 || to >= rows.length || to === from) return;
    // One move at a time: until the list has followed, its order is the old one.
    if (form.dataset.awaits && form.dataset.awaits !== now() && Date.now() < Number(form.dataset.until)) return;
    rows.splice(to, 0, ...rows.splice(from, 1));
    form.dataset.awaits = rows.map((one) => one.dataset.reorderId).join();
    form.dataset.until = Date.now() + 1500;
    $("[name=order]", form).value = form.dataset.awaits;
    form.requestSubmit();
    const again = (tries) => setTimeout(() => {
      if (now() !== form.dataset.awaits && tries) return again(tries - 1);
      handle.focus({ preventScroll: true });
    }, 60);
    again(20);
  }
  document.addEventListener("keydown", (event) => {
    const handle = event.target instanceof Element && event.target.closest("[data-reorder]");
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!handle || !step) return;
    event.preventDefault();
    const row = handle.closest("[data-reorder-id]");
    reorder(handle, inOrder(row).indexOf(row) + step);
  });
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target instanceof Element && event.target.closest("[data-reorder]");
    if (!handle || event.button) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    const row = handle.closest("[data-reorder-id]");
    let target = null;
    const clear = () => { for (const one of inOrder(row)) { delete one.dataset.drop; delete one.dataset.dragged; } };
    const move = ({ clientY }) => {
      clear();
      row.dataset.dragged = "true";
      target = inOrder(row).find((one) => { const { top, bottom } = one.getBoundingClientRect(); return clientY >= top && clientY < bottom; }) ?? target;
      if (target && target !== row) target.dataset.drop = inOrder(row).indexOf(target) < inOrder(row).indexOf(row) ? "above" : "below";
    };
    const end = ({ type }) => {
      handle.removeEventListener("pointermove", move);
      clear();
      if (type === "pointerup" && target && target !== row) reorder(handle, inOrder(row).indexOf(target));
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end, { once: true });
    handle.addEventListener("pointercancel", end, { once: true });
  });

  // ---- A text file into a text area of the same form ---------------------------------------------------------------
  document.addEventListener("change", async ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.dataset.fileInto || !target.files.length) return;
    const area = target.form?.elements[target.dataset.fileInto];
    if (!area) return;
    area.value = await target.files[0].text();
    target.value = "";
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // ---- Forms that ask before they are left with unsaved changes ---------------------------------------------------
  // Forms of pages say data-guard; in dialogs and drawers every form is one, unless it says data-guard="off".
  const LEAVE = "You have unsaved changes. Leave without saving them?";
  const GUARDED = 'form[data-guard]:not([data-guard="off"]), .hd-dialog form:not([data-guard="off"]), .hd-sheet form:not([data-guard="off"])';
  // Texts of a composer are kept as drafts; its files are not.
  const withFiles = (form) => form.dataset.forsaken !== "true" && $("[data-upload-list] li", form);
  const unsaved = (root = document) => [...$$("form[data-dirty]", root), ...$$(".hd-composer", root).filter(withFiles)];
  const clean = (forms) => { for (const form of forms) { delete form.dataset.dirty; form.dataset.forsaken = "true"; } };
  // Asks once; yes lets everything go.
  function mayLeave(root = document) {
    const forms = unsaved(root);
    if (!forms.length) return true;
    if (!confirm(LEAVE)) return false;
    clean(forms);
    return true;
  }
  const halt = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
  for (const kind of ["input", "change"]) document.addEventListener(kind, ({ target }) => {
    const form = target instanceof Element && !target.dataset.hears && target.closest(GUARDED);
    if (form) form.dataset.dirty = "true"; // saved or loaded anew, React draws another form without it
  });
  document.addEventListener("reset", ({ target }) => clean([target]));
  addEventListener("beforeunload", (event) => { if (unsaved().length) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null, way = target?.closest("a[href]");
    if (target?.closest("[data-leaves]")) { if (!mayLeave(target.closest(".hd-dialog, .hd-sheet") ?? document)) halt(event); return; }
    if (!way || way.target || event.ctrlKey || event.metaKey || event.shiftKey || way.hash && way.pathname === location.pathname) return;
    if (!mayLeave()) halt(event);
  }, true);
  // Dialogs and drawers are left by Escape and by a press beside them.
  const layer = () => $$(".hd-dialog, .hd-sheet").filter((each) => each.dataset.state === "open").at(-1);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    const open = layer();
    const over = event.target instanceof Element && event.target.closest('[role="dialog"], [role="listbox"], [role="menu"]');
    if (open && (!over || over === open) && !mayLeave(open)) halt(event);
  }, true);
  document.addEventListener("pointerdown", (event) => {
    const open = layer();
    if (open && event.target instanceof Element && event.target.contains(open) && !mayLeave(open)) halt(event);
  }, true);
  // The browser's own back and forward: the router has its place in the history, so we can put it back.
  let place = history.state?.idx ?? 0, isPuttingBack = false;
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...args) { const result = original.apply(this, args); place = history.state?.idx ?? place; return result; };
  }
  addEventListener("popstate", (event) => {
    const next = history.state?.idx ?? place;
    if (isPuttingBack) { isPuttingBack = false; event.stopImmediatePropagation(); return; }
    if (next !== place && !mayLeave()) {
      isPuttingBack = true;
      event.stopImmediatePropagation();
      history.go(place - next);
    } else place = next;
  }, true);

  // ---- What came while one looked elsewhere, in one polite sentence ------------------------------------------------
  const NEWS = 10000;
  let known = null, came = new Set(), saidAt = 0, waits = 0;
  function count() {
    const list = $("[data-news]"), rows = list && $$("[data-reference]", list).map((row) => row.dataset.reference);
    const now = list ? { of: list.dataset.news, rows: new Set(rows) } : null;
    if (now && known?.of === now.of) for (const each of now.rows) if (!known.rows.has(each)) came.add(each);
    if (!now || known?.of !== now.of) came.clear();
    known = now;
    if (came.size && !waits) waits = setTimeout(announce, Math.max(0, saidAt + NEWS - Date.now()));
  }
  function announce() {
    const ear = $("[data-announce]");
    waits = 0;
    saidAt = Date.now();
    if (ear && came.size) ear.textContent = came.size === 1 ? "1 new ticket" : `${came.size} new tickets`;
    came.clear();
  }
  setInterval(() => { if (!document.hidden) count(); }, 1000);
})();
