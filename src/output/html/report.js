"use strict";
(() => {
  const root = document.documentElement;

  // The root element lists all errors, where tests look for them.
  const report = (what) => { root.dataset.errors = [root.dataset.errors, what].filter(Boolean).join("\n"); };
  addEventListener("error", (event) => report(event.message));
  addEventListener("unhandledrejection", (event) => report(String(event.reason)));
  document.addEventListener("securitypolicyviolation", (event) => report(`${event.violatedDirective} ${event.blockedURI}`));

  const PAGE = 50, PRINTED = 500, HEAT_ROWS = 20, HEAT_ITEMS = 24, STEPS = 6, TAGS = 6;

  // ---- Data: the block of JSON, as src/output/html/block.rs writes it.

  const data = JSON.parse(document.getElementById("data").textContent);
  const { words } = data;
  // What the rows of a file are about: keys and hooks, or rules.
  const ITEM = words.item;
  const IS_CHECK = ITEM === "rule";
  // From the best state to the worst. The severities of findings are the states between them.
  const STATES = words.states.map((state) => state.code);
  const STATE_NAMES = words.states.map((state) => state.name);
  const IN_SYNC = 0, FOUND = 1, FAILED = STATES.length - 1;
  const SEVERITIES = ["info", "warning", "error"];
  // A hook has no section.
  const itemNames = data.items.map(([section, key]) => (section ? `${section}.${key}` : key));
  const itemLabels = data.items.map(([section, key]) => (!section || section.toLowerCase() === "settings" ? key : `${section}.${key}`));
  const textOf = (id) => (id ? data.texts[id - 1] : null);
  let before = "";
  const path = (same, rest) => (before = before.slice(0, same) + rest);
  /** Returns the last of every five numbers at its highest: the severity of the worst finding. */
  const worstOf = (numbers) => {
    let worst = 0;
    for (let at = 4; at < numbers.length; at += 5) worst = Math.max(worst, numbers[at]);
    return worst;
  };
  const stateOf = (numbers) => (numbers.length === 0 ? IN_SYNC : numbers.length === 1 ? FAILED : IS_CHECK ? FOUND + worstOf(numbers) : FOUND);
  const files = data.files.map(([same, rest, site, ...more], order) => ({
    order,
    path: path(same, rest),
    site,
    state: stateOf(more),
    why: more.length === 1 ? data.texts[more[0]] : "",
    numbers: more.length > 1 ? more : [],
  }));
  before = "";
  const resolved = data.resolved.map(([same, rest, item]) => ({ path: path(same, rest), item }));
  // A file that was named twice has a row for each time.
  const byPath = new Map();
  for (const file of files) {
    if (byPath.has(file.path)) byPath.get(file.path).push(file);
    else byPath.set(file.path, [file]);
  }

  /** The drifted keys or the findings of a file, one object each. */
  const driftOf = (file) => {
    const drift = [];
    for (let at = 0; at < file.numbers.length; at += 5) {
      const [item, expected, actual, line, flag] = file.numbers.slice(at, at + 5);
      drift.push({ item, expected: textOf(expected), actual: textOf(actual), line, isNew: !IS_CHECK && flag === 1, severity: flag });
    }
    return drift;
  };
  // A finding without a message stands for further findings of its rule.
  const rowCount = (actual, line) => (IS_CHECK && !actual ? line : 1);
  const driftCount = (file) => file.count ??= (() => {
    let count = 0;
    for (let at = 0; at < file.numbers.length; at += 5) count += rowCount(file.numbers[at + 2], file.numbers[at + 3]);
    return count;
  })();
  const hasItem = (file, item) => {
    for (let at = 0; at < file.numbers.length; at += 5) if (file.numbers[at] === item) return true;
    return false;
  };
  const hasNew = (file) => {
    for (let at = 4; at < file.numbers.length; at += 5) if (file.numbers[at] === 1) return true;
    return false;
  };

  const filesOfItem = new Array(itemNames.length).fill(0);
  const filesOfSite = new Array(data.sites.length).fill(0);
  const driftedOfSite = new Array(data.sites.length).fill(0);
  const severityOfItem = new Array(itemNames.length).fill(0);
  const filesOfState = STATES.map(() => 0);
  for (const file of files) {
    filesOfState[file.state] += 1;
    filesOfSite[file.site] += 1;
    if (file.numbers.length) driftedOfSite[file.site] += 1;
    for (const item of new Set(file.numbers.filter((_, at) => at % 5 === 0))) filesOfItem[item] += 1;
    for (let at = 0; at < file.numbers.length; at += 5) {
      const item = file.numbers[at];
      severityOfItem[item] = Math.max(severityOfItem[item], file.numbers[at + 4]);
    }
  }
  const byNumber = (numbers) => (one, other) => numbers[other] - numbers[one] || one - other;
  const worstItems = itemNames.map((_, item) => item).filter((item) => filesOfItem[item]).sort(byNumber(filesOfItem));
  const someSites = data.sites.map((_, site) => site).filter((site) => filesOfSite[site]);
  const siteRank = [];
  data.sites.map((name, site) => [name, site])
    .sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }))
    .forEach(([, site], rank) => { siteRank[site] = rank; });
  const bySiteName = (one, other) => siteRank[one] - siteRank[other];

  // The folders that all paths share are less interesting than the parts that differ.
  const isSeparator = (character) => character === "/" || character === "\\";
  const sharedLength = (letterOf) => {
    const first = files[0].path;
    let shared = first.length;
    for (const file of files) {
      let same = 0;
      while (same < shared && same < file.path.length && letterOf(first, same) === letterOf(file.path, same)) same += 1;
      shared = same;
    }
    while (shared > 0 && !isSeparator(letterOf(first, shared - 1))) shared -= 1;
    return shared;
  };
  const headLength = files.length > 1 ? sharedLength((path, at) => path[at]) : 0;
  const tailLength = files.length > 1 ? Math.max(0, sharedLength((path, at) => path[path.length - 1 - at]) - 1) : 0;

  // ---- View: the part of the address after `#`.

  const FIELDS = { q: "", state: "", key: "", rule: "", site: "", change: "", sort: "", page: "", rows: "", host: "", theme: "", resolved: "" };
  let view = { ...FIELDS };

  const readView = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    view = { ...FIELDS };
    for (const name of Object.keys(FIELDS)) view[name] = given.get(name) ?? "";
    if (!STATES.includes(view.state)) view.state = "";
    if (!data.since) view.change = "";
  };
  const address = (changes) => {
    const next = { ...view, ...changes };
    const pairs = Object.entries(next).filter(([, value]) => value !== "");
    return `#${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
  };
  /** Shows another view. `keep` adds it to the history. */
  const go = (changes, keep = true) => {
    const next = address(changes);
    try {
      history[keep ? "pushState" : "replaceState"](null, "", next);
    } catch {
      location.hash = next;
    }
    readView();
    render();
  };
  const filtered = (changes) => ({ page: "", ...changes });

  // ---- Elements. Text from files becomes text nodes, never markup.

  const by = (id) => document.getElementById(id);
  const el = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      if (attribute.startsWith("on")) element.addEventListener(attribute.slice(2), value);
      else if (value === true) element.setAttribute(attribute, "");
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(attribute, value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== false));
    return element;
  };
  /** Replaces the children of an element, and keeps the focus at the same position. */
  const refill = (element, ...children) => {
    const focusable = () => [...element.querySelectorAll("a, button")];
    const at = focusable().indexOf(document.activeElement);
    element.replaceChildren(...children);
    if (at >= 0) (focusable()[at] ?? focusable().at(-1))?.focus({ preventScroll: true });
  };
  const number = (value) => value.toLocaleString("en");
  const fileCount = (value) => `${number(value)} ${value === 1 ? "file" : "files"}`;
  const percent = (share) => `${Number((share * 100).toPrecision(share < .01 ? 1 : 2))}%`;
  const mark = (state) => el("i", { class: `mark ${words.states[state].class}` });
  const severityMark = (severity) => (IS_CHECK ? el("i", { class: `mark ${SEVERITIES[severity]}`, title: SEVERITIES[severity] }) : null);

  // Invisible characters, and characters that change the direction of text.
  const UNSEEN = /([\0-\x08\n-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}])/u;
  /** Returns a text with its hidden characters as numbers. */
  const shown = (text) => text.split(UNSEEN).map((part, index) => {
    if (index % 2 === 0) return part;
    const code = part.codePointAt(0).toString(16).padStart(4, "0");
    return el("span", { class: "escape" }, `U+${code.toUpperCase()}`);
  });
  /** Returns a text with the search term marked. */
  const marked = (text) => {
    const lower = text.toLowerCase();
    const word = searched().find((word) => lower.includes(word));
    // The lowercase text may be longer. Then nothing is marked.
    if (!word || lower.length !== text.length) return shown(text);
    const at = lower.indexOf(word);
    const end = at + word.length;
    return [shown(text.slice(0, at)), el("mark", {}, shown(text.slice(at, end))), shown(text.slice(end))];
  };
  const searched = () => view.q.toLowerCase().split(/\s+/).filter(Boolean);
  /** Returns a path with the parts that all paths share in a softer color. */
  const pathParts = (file, show) => {
    const tail = Math.max(headLength, file.path.length - tailLength);
    const soft = (text) => (text ? el("span", { class: "path-soft" }, show(text)) : null);
    return [soft(file.path.slice(0, headLength)), show(file.path.slice(headLength, tail)), soft(file.path.slice(tail))];
  };

  // ---- Filter and order.

  let found = files;
  let foundFor = null;
  const find = () => {
    const what = JSON.stringify([view.q, view.state, view[ITEM], view.site, view.change, view.sort]);
    if (what === foundFor) return;
    foundFor = what;
    // Each text is searched once, not once per file.
    const tests = searched().map((word) => {
      const has = (text) => text.toLowerCase().includes(word);
      return { word, items: itemNames.map(has), texts: data.texts.map(has), sites: data.sites.map(has) };
    });
    const matches = (file, { word, items, texts, sites }) => {
      if (sites[file.site] || file.path.toLowerCase().includes(word) || file.why.toLowerCase().includes(word)) return true;
      const numbers = file.numbers;
      for (let at = 0; at < numbers.length; at += 5) {
        if (items[numbers[at]] || texts[numbers[at + 1] - 1] || texts[numbers[at + 2] - 1]) return true;
      }
      return false;
    };
    const state = STATES.indexOf(view.state);
    const item = itemNames.indexOf(view[ITEM]);
    const site = data.sites.indexOf(view.site);
    found = files.filter((file) =>
      (!view.state || file.state === state)
      && (!view[ITEM] || hasItem(file, item))
      && (!view.site || file.site === site)
      && (view.change !== "new" || hasNew(file))
      && tests.every((test) => matches(file, test)));
    const [sortBy, way] = view.sort.startsWith("-") ? [view.sort.slice(1), -1] : [view.sort, 1];
    const orders = {
      "": (a, b) => b.state - a.state || driftCount(b) - driftCount(a),
      state: (a, b) => b.state - a.state,
      path: (a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)),
      site: (a, b) => bySiteName(a.site, b.site),
      drift: (a, b) => driftCount(b) - driftCount(a),
    };
    const order = orders[sortBy] ?? orders[""];
    found.sort((a, b) => way * order(a, b) || a.order - b.order);
  };

  // ---- The list of files.

  const renderFilter = () => {
    const q = by("q");
    if (q.value !== view.q) q.value = view.q;
    by("item").value = view[ITEM];
    by("site").value = view.site;
    by("new").checked = view.change === "new";
    by("clear").hidden = !isFiltered();
    const only = [view.state && STATE_NAMES[STATES.indexOf(view.state)], view[ITEM], view.site, view.change, view.q && `“${view.q}”`];
    by("pill").firstChild.replaceChildren(el("b", {}, number(found.length)), found.length === 1 ? " file: " : " files: ", only.filter(Boolean).join(" · "));
    showPill();
    refill(by("states"), ...["", ...STATES].map((state, index) => el(
      "a",
      { href: address(filtered({ state })), "aria-current": view.state === state && "true" },
      index ? mark(index - 1) : null,
      index ? STATE_NAMES[index - 1] : "All",
      el("small", { class: "many" }, `\u00a0${number(index ? filesOfState[index - 1] : files.length)}`),
    )));
    for (const tile of document.querySelectorAll("[data-tile]")) {
      const state = tile.dataset.tile === "all" ? "" : tile.dataset.tile;
      current(tile, state !== "" && view.state === state);
      tile.href = address(filtered({ state }));
    }
    for (const bar of document.querySelectorAll(`[data-${ITEM}]`)) {
      const is = bar.dataset[ITEM] === view[ITEM];
      current(bar, is);
      bar.setAttribute("href", address(filtered({ [ITEM]: is ? "" : bar.dataset[ITEM] })));
    }
    for (const bar of document.querySelectorAll("[data-site]")) {
      const is = bar.dataset.site === view.site;
      current(bar, is);
      bar.setAttribute("href", address(filtered({ site: is ? "" : bar.dataset.site, rows: "" })));
    }
  };
  const isFiltered = () => Boolean(view.q || view.state || view[ITEM] || view.site || view.change);
  const clear = () => go(filtered({ q: "", state: "", [ITEM]: "", site: "", change: "", rows: "" }));
  // While the list is out of sight, the lower edge shows the filter.
  let isListSeen = true;
  const showPill = () => { by("pill").hidden = isListSeen || !isFiltered() || Boolean(view.host); };
  new IntersectionObserver(([entry]) => {
    isListSeen = entry.isIntersecting;
    showPill();
  }).observe(by("filter"));
  const current = (element, is) => {
    if (is) element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
  };

  const itemTag = (drift) => el(
    "span",
    { class: `tag${itemNames[drift.item] === view[ITEM] ? " is-key" : ""}${drift.isNew && data.since ? " is-new" : ""}`, title: itemNames[drift.item] },
    severityMark(drift.severity),
    marked(itemLabels[drift.item]),
    drift.count > 1 ? el("span", { class: "soft" }, ` ×${number(drift.count)}`) : null,
  );
  /** Returns the rules of findings, each with its number of findings, the most severe first. */
  const byRule = (findings) => {
    const rules = new Map();
    for (const finding of findings) {
      const rule = rules.get(finding.item) ?? { item: finding.item, severity: 0, count: 0, findings: [] };
      rule.severity = Math.max(rule.severity, finding.severity);
      rule.count += rowCount(finding.actual, finding.line);
      rule.findings.push(finding);
      rules.set(finding.item, rule);
    }
    return [...rules.values()].sort((a, b) => b.severity - a.severity);
  };
  const whatCell = (file) => {
    if (file.state === FAILED) return el("div", { class: "why" }, marked(file.why));
    const drift = IS_CHECK ? byRule(driftOf(file)) : driftOf(file);
    if (view[ITEM]) drift.sort((a, b) => (itemNames[b.item] === view[ITEM]) - (itemNames[a.item] === view[ITEM]));
    const more = drift.length - TAGS;
    return el("div", { class: "tags" }, drift.slice(0, more === 1 ? TAGS + 1 : TAGS).map(itemTag), more > 1 ? el("span", { class: "tag soft" }, `+${more}`) : null);
  };
  const row = (file, index) => el(
    "tr",
    { "data-path": file.path, "aria-rowindex": index + 2, class: file.path === view.host && "open" },
    el("td", {}, mark(file.state), STATE_NAMES[file.state]),
    el("td", {}, el("a", { href: address({ host: file.path }), "data-row": true }, pathParts(file, marked))),
    el("td", { class: "site" }, marked(data.sites[file.site])),
    el("td", {}, whatCell(file)),
  );

  const pageCount = () => Math.max(1, Math.ceil(found.length / PAGE));
  const pageNumber = () => Math.min(Math.max(1, Number.parseInt(view.page, 10) || 1), pageCount());

  const renderTable = (all = false) => {
    const from = all ? 0 : (pageNumber() - 1) * PAGE;
    const rows = found.slice(from, all ? PRINTED : from + PAGE);
    const body = by("table").tBodies[0];
    const focused = document.activeElement?.closest?.("tr[data-path]")?.dataset.path;
    body.replaceChildren(...rows.map((file, index) => row(file, from + index)));
    if (focused !== undefined) rowOf(focused)?.querySelector("a").focus({ preventScroll: true });
    by("table").setAttribute("aria-rowcount", found.length + 1);
    const of = found.length === files.length ? "" : ` of ${number(files.length)}`;
    const printed = all && found.length > PRINTED ? `; the first ${number(PRINTED)} are printed` : "";
    by("found").textContent = `${number(found.length)}${of}${printed}`;
    by("table").hidden = found.length === 0;
    by("none").hidden = found.length > 0;
    by("none").textContent = files.length === 0 ? "There are no files." : "No file matches.";

    const [sortBy, down] = view.sort.startsWith("-") ? [view.sort.slice(1), true] : [view.sort, false];
    const heads = { state: "State", path: "File", site: "Site", drift: words.rows };
    for (const head of by("table").tHead.rows[0].cells) {
      const name = head.dataset.sort;
      const is = sortBy === name;
      if (is) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
      const next = !is ? name : down ? "" : `-${name}`;
      const arrow = is ? (down ? " ↓" : " ↑") : "";
      refill(head, el("button", { type: "button", onclick: () => go(filtered({ sort: next })) }, heads[name], arrow));
    }
    const last = Math.min(from + PAGE, found.length);
    renderPages(by("pages"), pageNumber(), pageCount(), `${number(from + 1)}–${number(last)} of ${number(found.length)}`, (page) => go({ page }));
  };

  const renderPages = (nav, page, pages, text, to) => {
    if (pages < 2) return nav.replaceChildren();
    const button = (name, target, label) => el("button", { type: "button", "aria-label": label, disabled: target < 1 || target > pages, onclick: () => to(target === 1 ? "" : String(target)) }, name);
    refill(nav, el("span", {}, text), button("←", page - 1, "Previous page"), button("→", page + 1, "Next page"));
  };

  // ---- One file.

  /** Returns the lengths of the common start and end of two texts. */
  const difference = (one, other) => {
    let head = 0;
    while (head < one.length && head < other.length && one[head] === other[head]) head += 1;
    let tail = 0;
    while (tail < one.length - head && tail < other.length - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
    return [head, tail];
  };
  const valueOf = (text, other, nothing) => {
    if (text === null) return el("span", { class: "value" }, el("em", {}, nothing));
    if (text === "") return el("span", { class: "value" }, el("em", {}, "empty"));
    const [head, tail] = other ? difference(text, other) : [0, 0];
    // Texts with little in common aren't marked.
    if (head + tail < text.length / 2 || text === other) return el("span", { class: "value" }, shown(text));
    const end = text.length - tail;
    return el("span", { class: "value" }, shown(text.slice(0, head)), el("b", {}, shown(text.slice(head, end))), shown(text.slice(end)));
  };
  const driftCard = (drift) => el(
    "div",
    { class: "drift" },
    el(
      "div",
      { class: "drift-head" },
      el("a", { href: address(filtered({ [ITEM]: itemNames[drift.item] })), title: "All files in which this key drifts" }, shown(itemNames[drift.item])),
      drift.isNew && data.since ? el("span", { class: "new" }, "new") : null,
      el("span", { class: "line" }, drift.line ? `line ${number(drift.line)}` : ""),
    ),
    el("div", { class: "side found" }, el("span", {}, "−"), el("span", {}, "found"), valueOf(drift.actual, drift.expected, "not set")),
    el("div", { class: "side wanted" }, el("span", {}, "+"), el("span", {}, "expected"), valueOf(drift.expected, drift.actual, "not set")),
  );
  /** Returns a card with the findings of a rule. */
  const ruleCard = (rule) => el(
    "div",
    { class: "drift" },
    el(
      "div",
      { class: "drift-head" },
      el("span", {}, severityMark(rule.severity), el("a", { href: address(filtered({ [ITEM]: itemNames[rule.item] })), title: "All files with this rule" }, itemNames[rule.item])),
      el("a", { class: "explain", href: `#rule-${itemNames[rule.item]}` }, "Explain"),
    ),
    rule.findings.map((finding) => el(
      "div",
      { class: "finding" },
      el("span", {}, finding.actual === null ? "" : `line ${number(finding.line)}`),
      finding.actual === null
        ? el("p", { class: "help" }, `and ${number(finding.line)} more`)
        : el("div", {}, el("p", {}, shown(finding.actual)), finding.expected === null ? null : el("p", { class: "help" }, shown(finding.expected))),
    )),
  );

  const placeOfHost = () => found.findIndex((file) => file.path === view.host);
  /** Returns the position of the next or previous file in the filtered list. */
  const neighbour = (way) => {
    let at = placeOfHost();
    if (at < 0) return -1;
    do at += way; while (found[at]?.path === view.host);
    return at;
  };

  let detailOf = null;
  const renderDetail = () => {
    const detail = by("detail");
    const shownFiles = byPath.get(view.host);
    root.toggleAttribute("data-detail", Boolean(view.host));
    detail.hidden = !view.host;
    if (!view.host) {
      if (detailOf !== null) (rowOf(detailOf)?.querySelector("a") ?? by("files")).focus({ preventScroll: true });
      detailOf = null;
      return;
    }
    const at = placeOfHost();
    const step = (way, name, label) => el("button", { type: "button", "aria-label": label, title: label, disabled: !found[neighbour(way)], onclick: () => open(neighbour(way)) }, name);
    const head = el(
      "div",
      { class: "detail-head" },
      el("span", { class: "grow" }, at < 0 ? "" : `${number(at + 1)} of ${number(found.length)}`),
      step(-1, "↑", "Previous file"),
      step(1, "↓", "Next file"),
      el("button", { type: "button", id: "close", "aria-label": "Close", title: "Close (Esc)", onclick: () => go({ host: "" }) }, "✕"),
    );
    const isOpen = detailOf !== null && detail.contains(document.activeElement);
    detail.replaceChildren(head, ...(shownFiles?.flatMap(fileParts) ?? [el("p", { class: "empty" }, "This report has no such file.")]));
    detail.querySelector("h2, .empty").id = "detail-title";
    detail.scrollTop = 0;
    if (detailOf === null || isOpen) by("close").focus({ preventScroll: true });
    detailOf = view.host;
  };
  const fileParts = (file) => {
    const drift = driftOf(file);
    const gone = resolved.filter((row) => row.path === file.path);
    return [
      el("h2", {}, pathParts(file, shown)),
      el(
        "div",
        { class: "detail-facts" },
        el("span", { class: "state" }, mark(file.state), STATE_NAMES[file.state]),
        el("a", { href: address(filtered({ site: data.sites[file.site] })) }, shown(data.sites[file.site])),
        drift.length ? el("span", {}, `${number(driftCount(file))} ${words.row}${driftCount(file) === 1 ? "" : "s"}`) : null,
        navigator.clipboard ? copyButton(file.path) : null,
      ),
      file.state === FAILED ? el("p", { class: "failure" }, shown(file.why)) : null,
      file.state === IN_SYNC ? el("p", { class: "empty" }, words.no_rows) : null,
      IS_CHECK ? byRule(drift).map(ruleCard) : drift.map(driftCard),
      gone.length ? el("p", { class: "soft" }, shown(`Resolved since the earlier report: ${gone.map((row) => itemNames[row.item]).join(", ")}`)) : null,
    ].flat().filter(Boolean);
  };
  const copyButton = (path) => {
    const copied = (event) => navigator.clipboard.writeText(path).then(() => { event.target.textContent = "Copied"; }, () => { event.target.textContent = "Not allowed here"; });
    return el("button", { type: "button", class: "small", onclick: copied }, "Copy path");
  };
  const rowOf = (path) => [...by("table").tBodies[0].rows].find((row) => row.dataset.path === path);
  /** Opens the file at a position of the filtered list, on its page. */
  const open = (at) => {
    const page = Math.floor(at / PAGE) + 1;
    go({ host: found[at].path, page: page === 1 ? "" : String(page) }, false);
    rowOf(found[at].path)?.scrollIntoView({ block: "nearest" });
  };

  // ---- Heat map: sites by keys, and the files of one site by keys.

  const heatItems = worstItems.slice(0, HEAT_ITEMS);
  const heatAt = new Map(heatItems.map((item, at) => [item, at]));
  const heat = new Map(someSites.map((site) => [site, new Array(heatItems.length).fill(0)]));
  for (const file of files) {
    for (const item of new Set(file.numbers.filter((_, at) => at % 5 === 0))) {
      if (heatAt.has(item)) heat.get(file.site)[heatAt.get(item)] += 1;
    }
  }
  // Colors are relative to the worst share, so that little drift is visible, too.
  let worstShare = 0;
  for (const [site, drifted] of heat) worstShare = Math.max(worstShare, Math.max(0, ...drifted) / filesOfSite[site]);
  const worstSites = [...someSites].sort((one, other) => driftedOfSite[other] - driftedOfSite[one] || bySiteName(one, other));

  let heatFor = null;
  const renderHeat = () => {
    by("heat").hidden = heatItems.length === 0;
    const what = JSON.stringify([view.site, view[ITEM], view.rows, view.q, view.state, view.change, view.sort, view.theme, view.host]);
    if (by("heat").hidden || what === heatFor) return;
    heatFor = what;
    const site = view.site ? data.sites.indexOf(view.site) : someSites.length === 1 ? someSites[0] : -1;
    const table = by("heat-table");
    const head = (item) => {
      const is = itemNames[item] === view[ITEM];
      const severity = IS_CHECK ? `, ${SEVERITIES[severityOfItem[item]]}` : "";
      return el(
        "th",
        { scope: "col", "aria-current": is && "true" },
        el("a", { class: "turned", tabindex: -1, href: address(filtered({ [ITEM]: is ? "" : itemNames[item] })), title: `${itemNames[item]}: ${fileCount(filesOfItem[item])}${severity}` }, severityMark(severityOfItem[item]), itemLabels[item]),
      );
    };
    const isSite = site >= 0;
    const hadFocus = table.contains(document.activeElement);
    table.tHead.replaceChildren(el("tr", {}, el("th", { class: `first${isSite ? " path" : ""}`, scope: "col" }, isSite ? "File" : "Site"), heatItems.map(head)));
    const rows = isSite ? files.filter((file) => file.site === site && file.state !== IN_SYNC) : worstSites;
    if (isSite) rows.sort((a, b) => driftCount(b) - driftCount(a) || a.order - b.order);
    const pages = Math.max(1, Math.ceil(rows.length / HEAT_ROWS));
    const page = Math.min(Math.max(1, Number.parseInt(view.rows, 10) || 1), pages);
    const some = rows.slice((page - 1) * HEAT_ROWS, page * HEAT_ROWS);
    table.tBodies[0].replaceChildren(...some.map(isSite ? heatFile : heatSite));
    const first = table.querySelector("tbody a") ?? table.querySelector("a");
    first.setAttribute("tabindex", 0);
    if (hadFocus) first.focus({ preventScroll: true });
    const text = `${number((page - 1) * HEAT_ROWS + 1)}–${number(Math.min(page * HEAT_ROWS, rows.length))} of ${number(rows.length)}`;
    renderPages(by("heat-pages"), page, pages, text, (rows) => go({ rows }, false));

    const most = worstItems.length > heatItems.length ? `the ${heatItems.length} most frequent of ${worstItems.length} ${words.items}` : "";
    by("heat-note").textContent = [isSite ? `files of a site by ${ITEM}` : `sites by ${ITEM}`, most].filter(Boolean).join(", ");
    by("heat-path").hidden = !view.site;
    by("heat-path").replaceChildren(el("a", { href: address(filtered({ site: "", rows: "" })) }, "← All sites"), " / ", view.site);
    by("heat-legend").replaceChildren(...(isSite
      ? [el("span", {}, el("i", { class: "step s4" }), words.has_row), rows.some((file) => file.state === FAILED) ? el("span", {}, mark(FAILED), "failed") : "", el("span", {}, `${fileCount(filesOfSite[site] - rows.length)}: ${STATE_NAMES[IN_SYNC].toLowerCase()}`)]
      : [el("span", {}, "Number of files. Color: share of the site’s files, up to"), ...Array.from({ length: STEPS }, (_, step) => el("span", {}, el("i", { class: `step s${step + 1}` }), percent(worstShare * ((step + 1) / STEPS) ** 2)))]));
  };
  const heatSite = (site) => {
    const name = data.sites[site];
    const cell = (drifted, at) => {
      if (!drifted) return el("td", {}, el("span", {}));
      const step = Math.ceil(STEPS * Math.sqrt(drifted / filesOfSite[site] / worstShare));
      const item = itemNames[heatItems[at]];
      return el("td", {}, el("a", { class: `s${step}`, tabindex: -1, href: address(filtered({ site: name, [ITEM]: item, rows: "" })), title: `${item} in ${name}: ${number(drifted)} of ${fileCount(filesOfSite[site])}, ${percent(drifted / filesOfSite[site])}` }, number(drifted)));
    };
    return el(
      "tr",
      {},
      el("th", { class: "first", scope: "row" }, el("a", { tabindex: -1, href: address(filtered({ site: name, rows: "" })), title: name }, el("b", {}, shown(name)), el("small", {}, number(filesOfSite[site])))),
      heat.get(site).map(cell),
    );
  };
  const heatFile = (file) => {
    const drift = new Map(driftOf(file).map((drift) => [drift.item, drift]));
    const cell = (item) => {
      if (!drift.has(item)) return el("td", {}, el("span", { class: file.state === FAILED && "f" }));
      const { actual } = drift.get(item);
      return el("td", {}, el("a", { class: "s4", tabindex: -1, href: address({ host: file.path }), title: `${itemNames[item]}: ${actual ?? "not set"}`, "aria-label": `${itemNames[item]} ${words.has_row}` }));
    };
    const tail = Math.max(headLength, file.path.length - tailLength);
    return el(
      "tr",
      {},
      el("th", { class: "first path", scope: "row" }, el("a", { tabindex: -1, href: address({ host: file.path }), title: file.path }, el("b", {}, shown(file.path.slice(headLength, tail).replace(/[\\/]$/, "") || file.path)), file.state === FAILED ? mark(FAILED) : el("small", {}, driftCount(file)))),
      heatItems.map(cell),
    );
  };
  // One stop of the Tab key. Arrows move inside.
  by("heat-table").addEventListener("keydown", (event) => {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    const cell = event.target.closest("td, th");
    if (!step || !cell) return;
    event.preventDefault();
    event.stopPropagation();
    const table = by("heat-table");
    let [y, x] = [cell.parentElement.rowIndex, cell.cellIndex];
    do {
      y += step[0];
      x += step[1];
    } while (table.rows[y]?.cells[x] && !table.rows[y].cells[x].querySelector("a"));
    const next = table.rows[y]?.cells[x]?.querySelector("a");
    if (!next) return;
    event.target.setAttribute("tabindex", -1);
    next.setAttribute("tabindex", 0);
    next.focus();
  });

  // ---- Map: one square per file, grouped by site. Files that the filter hides are pale.

  const mapped = [...files].sort((a, b) => bySiteName(a.site, b.site) || a.order - b.order);
  let grid = null;
  const renderMap = () => {
    by("map").hidden = files.length < 2;
    const canvas = by("map-canvas");
    const width = canvas.clientWidth;
    if (by("map").hidden || !width) return;
    const HIGHEST = 240;
    let pitch = 15;
    let columns = 1;
    let rows = Infinity;
    while (pitch > 2 && rows * pitch > HIGHEST) {
      pitch -= 1;
      columns = Math.floor(width / pitch);
      rows = Math.ceil(mapped.length / columns);
    }
    grid = { pitch, columns };
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = rows * pitch * scale;
    canvas.style.height = `${rows * pitch}px`;
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    const squares = by("map-legend").querySelectorAll(".square");
    const [inSync, one, two, more, failed] = [...squares].map((square) => getComputedStyle(square).backgroundColor);
    const drifts = [one, two, more];
    const isFound = new Set(found);
    const gap = pitch > 5 ? 2 : pitch > 2 ? 1 : 0;
    mapped.forEach((file, at) => {
      const drift = drifts[(IS_CHECK ? file.state : Math.min(driftCount(file), drifts.length)) - 1];
      const is = isFound.has(file);
      context.globalAlpha = is ? 1 : .5;
      context.fillStyle = !is || file.state === IN_SYNC ? inSync : file.state === FAILED ? failed : drift;
      context.fillRect(at % columns * pitch, Math.floor(at / columns) * pitch, pitch - gap, pitch - gap);
    });
    by("map-note").textContent = someSites.length > 1 ? "one square each, site by site" : "one square each";
  };
  const mapFile = (event) => {
    if (!grid) return null;
    const x = Math.floor(event.offsetX / grid.pitch);
    return x < grid.columns ? mapped[Math.floor(event.offsetY / grid.pitch) * grid.columns + x] : null;
  };
  by("map-canvas").addEventListener("mousemove", (event) => {
    const file = mapFile(event);
    by("map-at").replaceChildren(...(file ? [mark(file.state), shown(data.sites[file.site]), " · ", shown(file.path)].flat() : []));
  });
  by("map-canvas").addEventListener("mouseleave", () => by("map-at").replaceChildren());
  by("map-canvas").addEventListener("click", (event) => {
    const file = mapFile(event);
    if (file) go({ host: file.path });
  });

  // ---- Keys and hooks of the earlier report that match now.

  const renderResolved = () => {
    const box = by("resolved");
    if (!box) return;
    by("resolved-link").href = address({ resolved: view.resolved ? "" : "1" });
    box.hidden = !view.resolved;
    if (box.hidden || box.hasChildNodes()) return;
    const LISTED = 200;
    const more = resolved.length - LISTED;
    box.replaceChildren(
      resolved.length ? el("ul", {}, resolved.slice(0, LISTED).map((row) => el("li", {}, el("span", {}, shown(itemNames[row.item])), byPath.has(row.path) ? el("a", { href: address({ host: row.path }) }, shown(row.path)) : el("span", { class: "soft" }, shown(row.path))))) : el("p", { class: "empty" }, "Nothing was resolved."),
      more > 0 ? el("p", { class: "soft more" }, `and ${number(more)} more`) : "",
    );
  };

  // ---- All of it.

  const render = () => {
    const { theme } = view;
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    find();
    renderFilter();
    renderTable();
    renderHeat();
    renderMap();
    renderResolved();
    renderDetail();
    root.dataset.found = found.length;
  };

  // The address of an explanation isn't a view: it opens the explanation, and closes the file over it.
  const isExplanation = () => location.hash.startsWith("#rule-");
  const showExplanation = () => {
    const explanation = by(location.hash.slice(1));
    view.host = "";
    render();
    if (!explanation) return;
    explanation.closest("details").open = true;
    explanation.parentElement.scrollIntoView();
    explanation.focus({ preventScroll: true });
  };

  const option = (name, count) => el("option", { value: name }, `${name} (${number(count)})`);
  by("item").append(...worstItems.map((item) => option(itemNames[item], filesOfItem[item])));
  by("site").append(...[...someSites].sort(bySiteName).map((site) => option(data.sites[site], filesOfSite[site])));
  by("item").parentElement.hidden = worstItems.length === 0;
  by("site").parentElement.hidden = someSites.length < 2;
  by("new-label").hidden = !data.since;

  by("filter").addEventListener("submit", (event) => event.preventDefault());
  by("q").addEventListener("input", (event) => go(filtered({ q: event.target.value }), false));
  by("item").addEventListener("change", (event) => go(filtered({ [ITEM]: event.target.value })));
  by("site").addEventListener("change", (event) => go(filtered({ site: event.target.value, rows: "" })));
  by("new").addEventListener("change", (event) => go(filtered({ change: event.target.checked ? "new" : "" })));
  by("clear").addEventListener("click", clear);
  by("pill-clear").addEventListener("click", clear);
  by("pill-show").addEventListener("click", () => {
    by("files").scrollIntoView();
    by("files").focus({ preventScroll: true });
  });
  by("table").tBodies[0].addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-path]");
    // Opening a link elsewhere, or selecting text, isn't a click on the row.
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    event.preventDefault();
    go({ host: row.dataset.path });
  });

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const turnTheme = () => go({ theme: isDark() ? "light" : "dark" }, false);
  by("theme").addEventListener("click", turnTheme);
  by("keys-button").addEventListener("click", () => by("help").showModal());
  document.querySelector("[data-skip]").addEventListener("click", (event) => {
    event.preventDefault();
    by("files").focus();
  });

  const toRow = (step) => {
    const rows = [...by("table").tBodies[0].querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? rows[0] : rows[at + step];
    next?.focus();
  };
  const turnPage = (step) => {
    const page = pageNumber() + step;
    if (page < 1 || page > pageCount()) return;
    go({ page: page === 1 ? "" : String(page) }, false);
    by("table").querySelector("[data-row]")?.focus();
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || by("help").open) return;
    const { target } = event;
    if (event.key === "Escape") {
      if (view.host) go({ host: "" });
      else if (target === by("q") && view.q) go(filtered({ q: "" }), false);
      else target.blur();
      return;
    }
    if (target === by("q") && (event.key === "ArrowDown" || event.key === "Enter")) {
      event.preventDefault();
      toRow(1);
      return;
    }
    if (target.matches("input, select, textarea")) return;
    const step = (way) => (view.host ? found[neighbour(way)] && open(neighbour(way)) : toRow(way));
    const keys = {
      "/": () => by("q").focus(),
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      ArrowRight: () => turnPage(1),
      ArrowLeft: () => turnPage(-1),
      t: turnTheme,
      "?": () => by("help").showModal(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  for (const link of document.querySelectorAll("[data-files]")) link.addEventListener("click", () => by("files").scrollIntoView());
  addEventListener("hashchange", () => {
    if (isExplanation()) return showExplanation();
    readView();
    render();
  });
  let resizing = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(renderMap);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renderMap);
  // A print is light, and has no pages.
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    renderMap();
    renderTable(true);
  });
  addEventListener("afterprint", render);

  readView();
  root.dataset.ready = "";
  render();
  if (isExplanation()) showExplanation();
})();
