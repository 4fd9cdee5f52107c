"use strict";
// The list of models and what is known of each. Every text comes from files of others and becomes text of the page
// by textContent alone. Data is loaded by script elements, which works without a server.
(() => {
  const ID = 0, OUTCOME = 1, VERDICT = 2, WORDS = 3, WHOLE = 4, FOLDS = 5, REFUSED = 6, DROPPED = 7, NODES = 8,
    NODES_AFTER = 9, BYTES = 10, BYTES_AFTER = 11, TIME = 12, RATIO = 13, CHANGE = 14, CHUNK = 16, PLACE = 17, FLAGS = 18,
    REASONS = 19, NUMBER = 20;
  const SEVERITY = { FAILED: 0, REJECTED: 1, FUSED: 2, NOTHING_TO_FUSE: 3, UNCHANGED: 4 };
  const FLAG_NAMES = { "wrong-export": 1, grown: 2, unnamed: 4, assumptions: 8 };
  const PAGE_SIZE = 50;
  const SVG = "http://www.w3.org/2000/svg";
  const COLUMNS = [
    { name: "model", kind: "id", key: (r) => r[ID].toLowerCase() },
    { name: "outcome", kind: "outcome", key: (r) => SEVERITY[words[r[OUTCOME]]] },
    { name: "verdict and levels", kind: "levels", key: (r) => words[r[WORDS]] },
    { name: "folds", kind: "short number", key: (r) => r[FOLDS], most: true },
    { name: "refused", kind: "short number", key: (r) => r[REFUSED], most: true },
    { name: "before", kind: "size number", key: (r) => r[BYTES], most: true },
    { name: "growth", kind: "size number", key: growth, most: true },
    { name: "of tolerance", kind: "ratio number", key: (r) => r[RATIO], most: true },
    { name: "time", kind: "size number", key: (r) => r[TIME], most: true },
  ];

  const $ = (id) => document.getElementById(id);
  const pending = new Map();
  let words = [], rows = [], shown = [], page = 0, current = 0, sort = { column: -1, up: true }, lastHash = "#models", extra = {};

  // ---- data

  window.fusewright = {
    data(name, value) {
      const waiting = pending.get(name);
      pending.delete(name);
      if (waiting) waiting(value);
    },
  };

  function load(name, then) {
    const inPage = $("data-" + name);
    if (inPage) { then(JSON.parse(inPage.textContent)); return; }
    const script = document.createElement("script");
    pending.set(name, then);
    script.src = document.body.dataset.files + "/" + name + ".js";
    script.onload = () => script.remove();
    script.onerror = () => {
      pending.delete(name);
      $("detail").replaceChildren(back(), el("p", "warning", "The file " + script.getAttribute("src") + " is missing: it must lie beside this page."));
      show(true);
    };
    document.head.append(script);
  }

  // ---- small things

  function el(tag, kind, ...content) {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.append(...content.filter((c) => c !== null && c !== undefined));
    return element;
  }
  function link(text, place, kind) { const a = el("a", kind, text); a.setAttribute("href", place); return a; }
  function svg(tag, attributes, ...content) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...content);
    return element;
  }
  const count = (n) => typeof n === "string" ? n : n.toLocaleString("en-US");
  function bytes(n) {
    if (n === null || n === undefined) return "–";
    if (n < 1000) return n + " B";
    let unit = -1;
    do { n /= 1000; unit++; } while (n >= 999.5 && unit < 3);
    return n.toFixed(1) + " " + ["kB", "MB", "GB", "TB"][unit];
  }
  function time(ms) { return ms < 1000 ? (ms < 10 ? ms.toFixed(1) : ms.toFixed(0)) + " ms" : ms < 60000 ? (ms / 1000).toFixed(ms < 10000 ? 2 : 1) + " s" : Math.floor(ms / 60000) + " min " + Math.round((ms % 60000) / 1000) + " s"; }
  function figure(n) { return n === null || n === undefined ? "–" : n === 0 ? "0" : n.toExponential(2); }
  function growth(r) { return r[BYTES] && r[BYTES_AFTER] !== null ? r[BYTES_AFTER] / r[BYTES] - 1 : null; }
  function percent(part) { return part === null ? "–" : part < 0.0005 && part > 0 ? part.toExponential(1) : (100 * part).toFixed(1) + " %"; }
  function signed(part) { if (part === null) return "–"; const p = (100 * part).toFixed(1); return p === "-0.0" || p === "0.0" ? "0.0 %" : (part > 0 ? "+" : "") + p + " %"; }
  function outcomeKind(outcome) { return outcome === "FUSED" ? "good" : outcome === "FAILED" || outcome === "REJECTED" ? "bad" : "quiet"; }
  function verdictKind(verdict) { return verdict === "EQUIVALENT" ? "good" : verdict === "DIFFERENT" ? "bad" : verdict === "NOT_CHECKED" ? "quiet" : "look"; }

  // ---- the list

  function start(data) {
    words = data.words;
    rows = data.rows;
    rows.forEach((row, number) => { row[NUMBER] = number; });
    const form = $("filter");
    choices(form.outcome, OUTCOME);
    choices(form.verdict, VERDICT);
    choices(form.whole, WHOLE);
    choices(form.change, CHANGE);
    options(form.reason, [...new Set(rows.flatMap((row) => row[REASONS]))].map((i) => words[i]).sort());
    options(form.flag, [...Object.keys(FLAG_NAMES), "dropped"]);
    // A link may narrow the list further than the form can say: until the form says otherwise.
    form.addEventListener("input", (event) => { if (event.target.tagName === "SELECT") extra = {}; filtered(); });
    form.addEventListener("reset", () => { extra = {}; setTimeout(filtered); });
    form.addEventListener("submit", (event) => event.preventDefault());
    $("columns").replaceChildren(...COLUMNS.map((column, i) => {
      const button = el("button", "", column.name);
      button.type = "button";
      button.addEventListener("click", () => sortBy(i));
      const th = el("th", column.kind, button);
      th.scope = "col";
      return th;
    }));
    $("previous").addEventListener("click", () => turn(-1));
    $("next").addEventListener("click", () => turn(1));
    document.addEventListener("keydown", key);
    window.addEventListener("hashchange", route);
    $("list").hidden = false;
    apply();
    if (location.hash) route();
    document.body.dataset.ready = "true";
  }

  function choices(select, field) { options(select, [...new Set(rows.map((row) => words[row[field]]))].filter((w) => w).sort()); }
  function options(select, values) {
    select.replaceChildren(new Option("all", ""), ...values.map((value) => new Option(value, value)));
    select.parentElement.hidden = values.length === 0;
  }

  function filtered() { page = 0; current = 0; apply(); }

  function apply() {
    const form = $("filter");
    const q = form.q.value.toLowerCase().split(/\s+/).filter((part) => part);
    const is = (row, field, wanted) => !wanted || words[row[field]] === wanted;
    const reason = words.indexOf(form.reason.value);
    const flag = form.flag.value;
    shown = rows.filter((row) => is(row, OUTCOME, form.outcome.value) && is(row, VERDICT, form.verdict.value)
      && is(row, WHOLE, form.whole.value) && is(row, CHANGE, form.change.value) && is(row, WORDS, extra.words)
      && (!form.reason.value || row[REASONS].includes(reason))
      && (!flag || (flag === "dropped" ? row[DROPPED] > 0 : (row[FLAGS] & FLAG_NAMES[flag]) !== 0))
      && (!extra.changed || row[FOLDS] > 0 || words[row[VERDICT]] !== "NOT_CHECKED")
      && (!extra.published || SEVERITY[words[row[OUTCOME]]] > 1)
      && q.every((part) => row[ID].toLowerCase().includes(part)));
    const by = sort.column < 0 ? (r) => SEVERITY[words[r[OUTCOME]]] : COLUMNS[sort.column].key;
    const keys = new Map(shown.map((row) => [row, by(row)]));
    const direction = sort.up ? 1 : -1;
    shown.sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      if (x === y) return a[ID] < b[ID] ? -1 : a[ID] > b[ID] ? 1 : a[NUMBER] - b[NUMBER];
      if (x === null) return 1;
      if (y === null) return -1;
      return (x < y ? -1 : 1) * direction;
    });
    draw();
  }

  function sortBy(column) {
    sort = { column, up: sort.column === column ? !sort.up : !COLUMNS[column].most };
    [...$("columns").children].forEach((th, i) => {
      if (i === column) th.setAttribute("aria-sort", sort.up ? "ascending" : "descending");
      else th.removeAttribute("aria-sort");
    });
    filtered();
  }

  function draw() {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE_SIZE));
    page = Math.min(Math.max(page, 0), pages - 1);
    const from = page * PAGE_SIZE;
    const visible = shown.slice(from, from + PAGE_SIZE);
    $("shown").textContent = (shown.length === 0 ? "No model" : count(from + 1) + "–" + count(from + visible.length) + " of " + count(shown.length))
      + (shown.length === rows.length ? "" : " (" + count(rows.length) + " in all" + (extra.words ? "; " + extra.words : "") + (extra.published ? "; published" : "") + ")");
    $("previous").disabled = page === 0;
    $("next").disabled = page >= pages - 1;
    $("rows").replaceChildren(...visible.map((row, i) => {
      const outcome = words[row[OUTCOME]];
      const change = words[row[CHANGE]];
      const cells = [
        el("td", "id", link(row[ID], "#model-" + row[NUMBER], "code"), change ? el("span", "quiet", " · " + change) : null),
        el("td", "outcome " + outcomeKind(outcome), outcome),
        el("td", "levels", words[row[WORDS]]),
        el("td", "number", count(row[FOLDS])),
        el("td", "number", count(row[REFUSED])),
        el("td", "number", bytes(row[BYTES])),
        el("td", "number", signed(growth(row))),
        el("td", "number" + (row[RATIO] > 1 ? " bad" : ""), percent(row[RATIO])),
        el("td", "number", time(row[TIME])),
      ];
      const tr = el("tr", i === current ? "current" : "", ...cells);
      tr.addEventListener("click", (event) => { if (!event.target.closest("a") && !String(getSelection())) location.hash = "#model-" + row[NUMBER]; });
      return tr;
    }));
  }

  function turn(by) { page += by; current = 0; draw(); }
  function move(by) {
    const next = current + by;
    const visible = $("rows").children;
    if (next < 0 && page > 0) { page--; current = PAGE_SIZE - 1; draw(); }
    else if (next >= visible.length && !$("next").disabled) { page++; current = 0; draw(); }
    else {
      current = Math.min(Math.max(next, 0), visible.length - 1);
      [...visible].forEach((tr, i) => tr.classList.toggle("current", i === current));
    }
    $("rows").children[current]?.scrollIntoView({ block: "nearest" });
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isDetail = !$("detail").hidden;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape") {
      if (isDetail) location.hash = lastHash;
      else if (typing) event.target.blur();
      return;
    }
    if (typing || isDetail) return;
    const act = {
      "/": () => { $("filter").scrollIntoView({ block: "center" }); $("filter").q.focus(); },
      j: () => move(1), k: () => move(-1), n: () => { if (!$("next").disabled) turn(1); }, p: () => { if (page > 0) turn(-1); },
      Enter: () => { if (event.target.closest("a, button, summary")) return false; const row = shown[page * PAGE_SIZE + current]; if (row) location.hash = "#model-" + row[NUMBER]; return true; },
    }[event.key];
    if (act && act() !== false) event.preventDefault();
  }

  // ---- places

  function route() {
    const hash = location.hash;
    const model = /^#model-(\d+)$/.exec(hash);
    if (model && rows[Number(model[1])]) { open(rows[Number(model[1])]); return; }
    if (hash) lastHash = hash.startsWith("#models") ? hash : "#models";
    show(false);
    if (hash.startsWith("#models?")) {
      const form = $("filter");
      for (const field of form.elements) if (field.name) field.value = "";
      extra = {};
      for (const [name, value] of new URLSearchParams(hash.slice(8))) {
        if (name in { outcome: 1, verdict: 1, whole: 1, reason: 1, change: 1, flag: 1, q: 1 }) form[name].value = value;
        else extra[name] = value;
        if (name === "whole" || name === "verdict" || name === "words") extra.changed = true;
      }
      filtered();
      $("models").scrollIntoView();
      $("models").focus({ preventScroll: true });
    } else if (hash) {
      document.getElementById(decodeURIComponent(hash.slice(1)))?.scrollIntoView();
    }
  }

  function show(isDetail) {
    $("summary").hidden = isDetail;
    $("detail").hidden = !isDetail;
    if (isDetail) { scrollTo(0, 0); $("detail").focus({ preventScroll: true }); }
  }

  function back() {
    return el("p", "onscreen", link("← back to the run", lastHash));
  }

  // ---- one model

  function open(row) {
    load("models-" + row[CHUNK], (models) => {
      $("detail").replaceChildren(...detail(models[row[PLACE]], row));
      show(true);
    });
  }

  function facts(pairs) {
    const list = el("dl");
    for (const [name, value, kind] of pairs) {
      if (value !== null && value !== undefined && value !== "") list.append(el("dt", "", name), el("dd", kind || "", typeof value === "number" ? count(value) : value));
    }
    return list;
  }
  function table(caption, columns, lines, region) {
    if (!lines.length) return null;
    const head = el("tr", "", ...columns.map(([name, kind]) => { const th = el("th", kind, name); th.scope = "col"; return th; }));
    const body = lines.map((line) => el("tr", "", ...line.map((value, i) => el("td", columns[i][1], value ?? "–"))));
    const whole = el("div", "scroll", el("table", "", el("caption", "", caption), el("thead", "", head), el("tbody", "", ...body)));
    whole.tabIndex = 0;
    whole.setAttribute("role", "region");
    whole.setAttribute("aria-label", region || caption);
    return whole;
  }
  function section(title, ...content) {
    const there = content.filter((c) => c);
    return there.length ? [el("h2", "", title), ...there] : [];
  }
  function standing(level) { return level.doubt || level.verdict; }
  function rule(id) { return $("rule-" + id) ? link(id, "#rule-" + encodeURIComponent(id), "code") : el("code", "", id); }
  function names(nodes) { return el("code", "", nodes.map((node) => node || "(no name)").join(", ")); }

  function detail(r, row) {
    const e = r.equivalence;
    const source = r.source;
    const out = r.output;
    const change = r.change ? el("span", "quiet", r.change + " since the run compared with") : null;
    const levels = [["certificate", e.levels.certificate], ["sites", e.levels.site], ["whole model", e.levels.model], ["structure", e.levels.structure]];
    return [
      back(),
      el("p", "eyebrow", "Model " + count(row[NUMBER] + 1) + " of " + count(rows.length) + " in the run " + (r.run_id || "")),
      el("h1", "", r.id),
      el("p", "", el("b", outcomeKind(r.outcome), r.outcome), r.outcome_detail ? " (" + r.outcome_detail + ")" : "", " · ", el("span", verdictKind(e.verdict), r.words), change ? " · " : null, change),
      r.error ? el("p", "warning", el("b", "", r.error.stage + ": " + r.error.type + ". "), r.error.message, r.error.retryable ? " It may succeed a moment later." : "") : null,
      el("div", "columns",
        el("div", "", el("h2", "first", "Source"), facts([
          ["Location", source.uri, "code"], ["Size", bytes(source.bytes)], ["sha256", source.sha256, "code"], ["Made by", source.producer],
          ["IR version", source.ir_version === null ? null : String(source.ir_version)],
          ["Operator sets", Object.entries(source.opsets).map(([domain, version]) => (domain || "ai.onnx") + " " + version).join(", ")],
          ["Modified", source.modified === null ? null : new Date(source.modified).toISOString()],
        ])),
        el("div", "", el("h2", "first", "Output"), out ? facts([
          ["Location", out.uri, "code"], ["Size", bytes(out.bytes) + (source.bytes ? " (" + signed(out.bytes / source.bytes - 1) + ")" : "")],
          ["sha256", out.sha256, "code"], ["Data files", out.data_files.join(", "), "code"],
        ]) : el("p", "quiet", "Nothing was published.")),
        el("div", "", el("h2", "first", "How"), facts([
          ["Format", r.format], ["Mode", r.mode], ["Rules", r.rules, "code"], ["Made by", r.provenance.converter + " " + r.provenance.converter_version, "code"],
          ["Configuration", r.provenance.configuration_sha256, "code"], ["Begun", new Date(r.started).toISOString()],
          ["Time", time(row[TIME])], ["Proof taken over from", r.reused_from, "code"],
        ])),
        table("Stages", [["stage", "text"], ["time", "number"]], Object.entries(r.timings_ms).sort((a, b) => b[1] - a[1]).map(([stage, ms]) => [stage, time(ms)]))),
      ...section("Verdict",
        table("What each level found", [["level", "text"], ["found", "text"], ["why", "text"]],
          levels.filter(([, level]) => level).map(([name, level]) => [name, el("span", verdictKind(level.verdict), standing(level)), level.reason])),
        e.runner ? el("p", "", "Whole models were run by " + e.runner + " on " + count(e.samples) + " sets of inputs, seed " + e.seed + ".") : null,
        table("Outputs of the whole model, before and after", [["output", "code"], ["error", "number"], ["tolerance", "number"], ["part of it", "number"], ["largest difference", "number"], ["mean", "number"], ["cosine", "number"], ["largest ulp", "number"], ["noise floor", "number"], ["argmax flips", "number"], ["worst inputs", "text"]],
          e.outputs.map((o) => [o.name, figure(o.error), figure(o.tolerance), percent(o.error === 0 ? 0 : o.error / o.tolerance), figure(o.max_abs), figure(o.mean_abs), o.cosine === null ? null : o.cosine.toFixed(9), count(o.max_ulp), figure(o.noise_floor), count(o.argmax_flips), o.sample])),
        table("Elements by how many ulp they differ", [["output", "code"], ["0", "number"], ["1", "number"], ["2–3", "number"], ["4–15", "number"], ["16–255", "number"], ["more", "number"]],
          e.outputs.filter((o) => o.ulp_histogram.length === 6).map((o) => [o.name, ...o.ulp_histogram.map(count)])),
        table("What the verdict rests on and the file does not show", [["assumption", "text"], ["by", "text"]], e.assumptions.map((a) => [a.what, a.by]))),
      ...section("Fusions", ...sites(r)),
      ...section("Taken back", ...r.dropped.map((d) => el("div", "", el("p", "", rule(d.rule), " at ", names(d.nodes), ": ", el("b", "bad", d.level + " " + d.reason), " ", d.message || ""))),
        r.repros.length ? facts(r.repros.map((file) => ["Small model that shows it", file, "code"])) : null),
      ...section("Not fused", table("Refusals", [["reason", "text"], ["rule", "text"], ["nodes", "code"], ["why", "text"]],
        r.refusals.map((f) => [link(f.reason, "#models?reason=" + encodeURIComponent(f.reason)), rule(f.rule), names(f.nodes), f.message]))),
      ...section("Notes", r.notes.length ? el("ul", "plain", ...r.notes.map((note) => el("li", "", note))) : null,
        table("Beside the state dicts", [["what", "code"], ["kind", "text"], ["became", "text"]], r.beside.map((b) => [b.path, b.description, b.fate]))),
      ...section("Operators", operators(r)),
    ].filter((part) => part);
  }

  function operators(r) {
    if (!r.before) return null;
    const after = r.after ? r.after.operators : {};
    const all = [...new Set([...Object.keys(r.before.operators), ...Object.keys(after)])].sort();
    const size = (s, field) => (s && s[field] !== null ? count(s[field]) : null);
    const lines = [["nodes", "nodes"], ["parameters", "parameters"], ["multiply-adds", "multiply_adds"], ["tensors", "tensors"]]
      .map(([name, field]) => [name, size(r.before, field), size(r.after, field)]).filter(([, a, b]) => a !== null || b !== null);
    return el("div", "columns", table("Size", [["of the graph", "text"], ["before", "number"], ["after", "number"]], lines),
      table("Nodes by operator", [["operator", "code"], ["before", "number"], ["after", "number"]],
        all.map((op) => [op, count(r.before.operators[op] || 0), r.after ? count(after[op] || 0) : null])));
  }

  // Which proof belongs to which fusion is found where the data is made.
  function sites(r) {
    return r.site_list.map((s) => site(r.fusions[s.fusion], r.equivalence.sites[s.proof]));
  }

  function site(fusion, proof) {
    const of = fusion || proof;
    const together = fusion && proof && proof.nodes.length > fusion.nodes.length;
    const chips = proof ? [chip("certificate", proof.certificate), " ", chip("site", proof.site), together ? el("span", "quiet", " proven with its neighbours") : null]
      : [el("span", "quiet", of.result === "unchanged" ? "nothing to prove: only a container" : "no proof of its own")];
    const whole = el("details", "site", el("summary", "", el("code", "", of.nodes.map((n) => n || "(no name)").join(" · ")), " ", el("span", "quiet", fusion ? fusion.module + ", " + fusion.result : ""), " ", ...chips));
    whole.addEventListener("toggle", () => { if (whole.open && whole.children.length === 1) whole.append(siteDetail(fusion, proof)); });
    return whole;
  }
  function chip(name, level) { return el("span", "chip " + verdictKind(level.verdict), name + " " + standing(level)); }

  function siteDetail(fusion, proof) {
    const of = fusion || proof;
    const stored = proof && proof.stored;
    return el("div", "",
      fusion && fusion.result === "folded" ? picture(fusion, proof ? proof.operands : []) : null,
      facts([
        ["Rule", rule(of.rule)], ["Scope", of.scope || "main graph", of.scope ? "code" : ""],
        ["Proven together", fusion && proof && proof.nodes.length > fusion.nodes.length ? proof.nodes.map((n) => n || "(no name)").join(", ") + ", by " + proof.rule : null, "code"],
        ["Certificate", proof ? standing(proof.certificate) + ": " + proof.certificate.reason : "–"],
        ["Site check", proof ? standing(proof.site) + ": " + proof.site.reason : "–"],
        ["eps", fusion && fusion.epsilon !== null ? String(fusion.epsilon) : null],
        ["Weights", stored ? count(stored.weights) + (stored.least === null ? "" : " from " + figure(stored.least) + " to " + figure(stored.largest)) + "; " + count(stored.zeros) + " zero, " + count(stored.subnormals) + " subnormal" : null],
        ["Worst weight", stored ? stored.weight_ulps.toFixed(3) + " ulp from float64 rounded once" : null],
        ["Worst bias", stored ? stored.bias_ulps.toFixed(3) + " ulp of the largest term in it" : null],
        ["Notes", fusion ? fusion.notes.join(" ") : null],
      ]),
      proof ? table("Operands of the original that the certificate rests on", [["name", "code"], ["type", "text"], ["shape", "text"], ["sha256", "code"]],
        proof.operands.map((o) => [o.name, o.type, "[" + o.shape.join(", ") + "]", o.sha256]), "Operands of " + of.nodes.join(", ")) : null);
  }

  // What the report knows of the graph around a fold: its nodes in data order and the constants of the original. Not the
  // edges, and not the names that remain: neither is drawn.
  function picture(fusion, operands) {
    const short = (text) => { const t = text || "(no name)"; return t.length > 24 ? "…" + t.slice(-23) : t; };
    const width = 176, gap = 16, shown = fusion.nodes.slice(0, 5);
    const total = shown.length + (fusion.nodes.length > 5 ? 1 : 0);
    const constants = operands.slice(0, 6);
    const height = 74 + 16 * Math.ceil(constants.length / 2) + 62;
    const all = Math.max(total * (width + gap), 2 * (width + gap) + 60) + 10;
    const picture = svg("svg", { viewBox: "0 0 " + all + " " + height, width: all, role: "img", "aria-label": "Before: " + fusion.nodes.join(", ") + ". After: computed as " + fusion.module + "." });
    const text = (x, y, content, kind, anchor) => svg("text", { x, y, class: kind || "", "text-anchor": anchor || "start" }, content);
    picture.append(text(2, 12, "before, in data order"));
    for (let i = 0; i < total; i++) {
      const x = 2 + i * (width + gap);
      const name = i < shown.length ? short(shown[i]) : "and " + (fusion.nodes.length - 5) + " more";
      picture.append(svg("rect", { class: "box", x, y: 20, width, height: 28, rx: 4 }), text(x + width / 2, 38, name, "label", "middle"));
    }
    constants.forEach((o, i) => picture.append(text(6 + (i % 2) * (width + gap + 30), 66 + 16 * Math.floor(i / 2), short(o.name) + " [" + o.shape.join("×") + "]")));
    if (operands.length > 6) picture.append(text(all - 90, 66, "and " + (operands.length - 6) + " more"));
    const y = height - 48;
    picture.append(text(2, y, "after"), svg("rect", { class: "box after", x: 2, y: y + 8, width, height: 28, rx: 4 }), text(2 + width / 2, y + 26, short(fusion.module), "label", "middle"));
    return picture;
  }

  load("rows", start);
})();
