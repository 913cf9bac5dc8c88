"use strict";

// Draws the page from the JSON block. Text from the estate reaches the document as text of an
// element only. What is in sight is kept in the address, behind `#`, so that a link shows the same:
// zoom=6h|12h|1d|3d|7d  by=vm|host|cluster  filter=TEXT  kinds=b,m,w  only=collisions
// at=HOURS (from Monday)  theme=light|dark  alike=yes|no

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

const HOUR = 3600;
const ROW = 28;
const NAME = Math.min(240, Math.max(120, Math.round(window.innerWidth * 0.17)));
const AHEAD = 20;
const ZOOMS = { "7d": 168, "3d": 72, "1d": 24, "12h": 12, "6h": 6 };
const KINDS = { b: "backup", m: "migration", w: "maintenance" };
const BY = { vm: "VMs", host: "Hosts", cluster: "Clusters" };
const MARKS = { works: "✓", conditional: "~", unknown: "?", never: "✕" };
const MEANINGS = {
  works: "works",
  conditional: "works under a condition",
  unknown: "not known",
  never: "does not work",
};
/** From so many hosts on, those that are alike share a row of the matrix at first. */
const MANY_HOSTS = 40;

const state = readAddress();

/** An element with attributes and children; strings become text. */
function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same within a drawing. */
function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(byId("svg").namespaceURI, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  const pick = (name, known, otherwise) => (known.includes(said.get(name)) ? said.get(name) : otherwise);
  const kinds = said.has("kinds") ? said.get("kinds").split(",") : Object.keys(KINDS);
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    zoom: pick("zoom", Object.keys(ZOOMS), "7d"),
    by: pick("by", Object.keys(BY), data.by),
    filter: said.get("filter") ?? "",
    kinds: new Set(kinds.filter((kind) => kind in KINDS)),
    only: said.get("only") === "collisions",
    at: Math.max(0, Number(said.get("at")) || 0),
    theme: pick("theme", ["light", "dark"], dark ? "dark" : "light"),
    themeSaid: said.has("theme"),
    alike: pick("alike", ["yes", "no"], data.matrix.hosts.length > MANY_HOSTS ? "yes" : "no"),
  };
}

function writeAddress() {
  const said = new URLSearchParams();
  if (state.zoom !== "7d") said.set("zoom", state.zoom);
  if (state.at > 0) said.set("at", String(Math.round(state.at * 10) / 10));
  if (state.by !== data.by) said.set("by", state.by);
  if (state.filter) said.set("filter", state.filter);
  if (state.kinds.size < 3) said.set("kinds", [...state.kinds].join(","));
  if (state.only) said.set("only", "collisions");
  if (state.themeSaid) said.set("theme", state.theme);
  history.replaceState(null, "", "#" + said.toString());
}

function plural(count, word) {
  return count + " " + word + (count === 1 ? "" : "s");
}

/** Buttons of which one is pressed, or each on its own. */
function choice(id, options, isPressed, press) {
  const group = byId(id);
  const buttons = Object.entries(options).map(([key, label]) =>
    make("button", { type: "button", "data-key": key, onclick: () => (press(key), refresh()) }, ...[label].flat()),
  );
  const refresh = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(isPressed(button.dataset.key)));
  };
  group.replaceChildren(...buttons);
  refresh();
}

// ---- Tips: what a mark means, for the mouse and for the keyboard.

const tip = byId("tip");

/** Shows lines of text beside an element: strings, or [class, string]. */
function showTip(lines, element) {
  tip.replaceChildren(
    ...lines.filter(Boolean).map((line) =>
      Array.isArray(line) ? make("span", { class: line[0] }, line[1]) : make("span", {}, line),
    ),
  );
  if (tip.firstChild) tip.firstChild.style.fontWeight = "650";
  tip.hidden = false;
  const at = element.getBoundingClientRect();
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left), window.innerWidth - box.width - 8);
  const below = at.bottom + 6 + box.height < window.innerHeight;
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = (below ? at.bottom + 6 : Math.max(8, at.top - box.height - 6)) + "px";
}

function hideTip() {
  tip.hidden = true;
}

/** Gives an element a tip. The same lines are its name for those who do not see it. */
function withTip(element, lines) {
  const words = lines.filter(Boolean).map((line) => (Array.isArray(line) ? line[1] : line));
  element.setAttribute("aria-label", words.join(". "));
  element.addEventListener("mouseenter", () => showTip(lines, element));
  element.addEventListener("mouseleave", hideTip);
  element.addEventListener("focus", () => showTip(lines, element));
  element.addEventListener("blur", hideTip);
  return element;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
});

// ---- The week.

const week = {
  rows: [],
  /** Rows that are in the document, by their positions. */
  drawn: new Map(),
  /** The one event that Tab reaches. */
  current: [0, 0],
};

const trackWidth = () =>
  Math.max(320, byId("scroller").clientWidth - NAME) * (data.week.length / (ZOOMS[state.zoom] * HOUR));
const x = (seconds) => (100 * Math.min(Math.max(seconds, 0), data.week.length)) / data.week.length + "%";

/** What is drawn in a row, by the starts. */
function eventsOf(row) {
  const events = [];
  for (const number of row.entries) {
    const entry = data.entries[number];
    const key = Object.keys(KINDS).find((kind) => KINDS[kind] === entry.kind);
    if (!state.kinds.has(key)) continue;
    for (const time of entry.times) {
      events.push({ time, kind: entry.kind, lines: [entry.kind + " " + entry.name, time[2], ["place", entry.place]] });
    }
  }
  for (const number of row.collisions) {
    const collision = data.collisions[number];
    for (const time of collision.times) {
      const places = collision.places.map((place) => ["place", place]);
      events.push({ time, kind: "collision", mark: "×", lines: [["bad", "Collision"], collision.words, time[2], ...places] });
    }
  }
  const load = row.load === null ? null : data.loads[row.load];
  for (const step of load ? load.steps : []) {
    if (!step.over) continue;
    const words = step.load + " live migrations at once, limit " + load.limit;
    events.push({ time: step.time, kind: "overload", mark: "!", lines: [["bad", words], step.time[2], ["place", load.place]] });
  }
  return events.sort((one, other) => one.time[0] - other.time[0]);
}

/** Whether a row has to do with what is looked for. */
function matches(row) {
  const entries = row.entries.map((number) => data.entries[number]);
  if (state.only && row.collisions.length === 0) return false;
  if (!entries.some((entry) => [...state.kinds].some((kind) => KINDS[kind] === entry.kind))) return false;
  const words = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = [row.name, row.host, row.cluster, ...entries.map((entry) => entry.name)];
  return words.every((word) => texts.some((text) => text && text.toLowerCase().includes(word)));
}

function drawAxis() {
  const hourWidth = trackWidth() / (data.week.length / HOUR);
  const every = [1, 3, 6, 12, 24].find((hours) => hours * hourWidth >= 42) ?? 24;
  const withDate = 24 * hourWidth >= 84;
  const hours = data.week.hours.filter(([, hour]) => hour % every === 0);
  const at = (seconds) => "calc(" + NAME + "px + (100% - " + NAME + "px) * " + seconds / data.week.length + ")";
  const place = (element, seconds) => {
    element.style.left = at(seconds);
    return element;
  };
  const corner = make("div", { class: "corner" }, data.week.number, make("br"), BY[state.by]);
  corner.style.width = NAME + "px";
  byId("axis").replaceChildren(
    corner,
    ...data.week.days.map((day, index) => {
      const label = make("span", {}, day.name + " ", withDate ? make("small", {}, day.date) : null);
      label.style.left = NAME + "px";
      const element = place(make("div", { class: "day" }, label), day.at);
      const end = data.week.days[index + 1]?.at ?? data.week.length;
      element.style.width = "calc((100% - " + NAME + "px) * " + (end - day.at) / data.week.length + ")";
      return element;
    }),
    ...hours.map(([seconds, hour]) => place(make("div", { class: "hour" }, hour + ":00"), seconds)),
  );
  const lines = make("div", { class: "lines" });
  const midnights = new Set(data.week.days.map((day) => day.at));
  for (const [seconds] of hours) lines.append(place(make("i", { class: midnights.has(seconds) ? "midnight" : "" }), seconds));
  byId("rows").replaceChildren(lines);
  week.drawn.clear();
}

/** Lays the week out anew: after a filter, another zoom, or other rows. */
function layWeek() {
  const all = data.rows[state.by];
  week.rows = all.shown.filter(matches);
  byId("sheet").style.width = NAME + trackWidth() + "px";
  drawAxis();
  byId("rows").style.height = Math.max(1, week.rows.length) * ROW + "px";
  byId("rows").setAttribute("aria-rowcount", String(week.rows.length));
  if (week.rows.length === 0) {
    byId("rows").append(make("p", { class: "empty" }, "Nothing in this week is like that."));
  }
  const idle = all.all - all.shown.length;
  const hidden = all.shown.length - week.rows.length;
  byId("shown").textContent =
    plural(week.rows.length, "row") +
    (hidden > 0 ? ", " + hidden + " filtered out" : "") +
    (idle > 0 ? ", " + idle + " with nothing in this week" : "");
  week.current = [0, 0];
  drawRows();
}

/** Draws the rows in sight and some around them, and forgets the others. */
function drawRows() {
  const scroller = byId("scroller");
  const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - AHEAD);
  const last = Math.min(week.rows.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW) + AHEAD);
  for (const [position, element] of week.drawn) {
    if (position < first || position >= last) {
      element.remove();
      week.drawn.delete(position);
    }
  }
  // From the last to the first, so that each has the next one to stand before.
  for (let position = last - 1; position >= first; position--) {
    if (!week.drawn.has(position)) {
      const element = drawRow(week.rows[position], position);
      week.drawn.set(position, element);
      byId("rows").insertBefore(element, week.drawn.get(position + 1) ?? null);
    }
  }
}

function drawRow(row, position) {
  const about = row.host ?? row.cluster;
  const name = withTip(
    make("div", { class: "name", role: "rowheader" }, make("b", {}, row.name), about ? make("small", {}, about) : null),
    [row.name, row.host && "on host " + row.host, row.cluster && "in cluster " + row.cluster, row.place && ["place", row.place]],
  );
  name.style.width = NAME + "px";
  const track = make("div", { class: "track" });
  track.style.left = NAME + "px";
  track.style.width = "calc(100% - " + NAME + "px)";
  eventsOf(row).forEach((event, index) => track.append(drawEvent(event, position, index)));
  const bad = row.collisions.length > 0;
  const element = make("div", { class: bad ? "row bad" : "row", role: "row", "aria-rowindex": position + 1 }, name, track);
  element.style.top = position * ROW + "px";
  return element;
}

function drawEvent(event, position, index) {
  const [start, end] = event.time;
  const current = week.current[0] === position && week.current[1] === index;
  const element = make("div", {
    class: "event " + event.kind + (end === null ? " endless" : ""),
    role: "gridcell",
    tabindex: current ? 0 : -1,
    "data-at": position + "." + index,
  });
  if (event.mark) element.textContent = event.mark;
  element.style.left = x(start);
  element.style.width = "calc(" + x(end ?? start) + " - " + x(start) + ")";
  const lines = end === null ? [...event.lines, "nobody knows when it ends"] : event.lines;
  return withTip(element, lines);
}

/** Goes to an event by the keyboard. */
function goTo(position, index) {
  const rows = week.rows.length;
  if (rows === 0) return;
  const row = Math.min(Math.max(0, position), rows - 1);
  const scroller = byId("scroller");
  const top = row * ROW;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  const room = scroller.clientHeight - byId("axis").offsetHeight - ROW;
  if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
  drawRows();
  const events = week.drawn.get(row).querySelectorAll(".event");
  if (events.length === 0) return;
  const event = events[Math.min(Math.max(0, index), events.length - 1)];
  for (const old of byId("rows").querySelectorAll('.event[tabindex="0"]')) old.tabIndex = -1;
  event.tabIndex = 0;
  event.focus({ preventScroll: true });
  event.scrollIntoView({ block: "nearest", inline: "nearest" });
  week.current = event.dataset.at.split(".").map(Number);
}

byId("rows").addEventListener("keydown", (event) => {
  const [row, index] = week.current;
  const page = Math.max(1, Math.floor(byId("scroller").clientHeight / ROW) - 2);
  const steps = {
    ArrowLeft: [row, index - 1],
    ArrowRight: [row, index + 1],
    ArrowUp: [row - 1, index],
    ArrowDown: [row + 1, index],
    PageUp: [row - page, index],
    PageDown: [row + page, index],
    Home: [row, 0],
    End: [row, Infinity],
  };
  if (event.key in steps) {
    event.preventDefault();
    goTo(...steps[event.key]);
  }
});

byId("rows").addEventListener("focusin", (event) => {
  if (event.target.dataset.at) week.current = event.target.dataset.at.split(".").map(Number);
});

byId("scroller").addEventListener("scroll", () => {
  hideTip();
  drawRows();
  const hours = (byId("scroller").scrollLeft / trackWidth()) * (data.week.length / HOUR);
  if (Math.abs(hours - state.at) > 0.2) {
    state.at = hours;
    writeAddress();
  }
});

/** Scrolls to a time, in hours from the start of the week. */
function scrollTo(hours) {
  byId("scroller").scrollLeft = ((hours * HOUR) / data.week.length) * trackWidth();
}

function setZoom(zoom, at) {
  state.zoom = zoom;
  state.at = at;
  layWeek();
  scrollTo(at);
  writeAddress();
}

/** Shows the rows of a collision at its first time. */
function showCollision(collision) {
  state.filter = "";
  byId("filter").value = "";
  state.only = true;
  state.kinds = new Set(Object.keys(KINDS));
  drawControls();
  setZoom("1d", Math.max(0, collision.times[0][0] / HOUR - 6));
  byId("week").scrollIntoView();
  const position = week.rows.findIndex((row) => row.collisions.includes(data.collisions.indexOf(collision)));
  if (position < 0) return;
  byId("scroller").scrollTop = position * ROW;
  drawRows();
  const event = [...week.drawn.get(position).querySelectorAll(".collision")][0];
  if (event) goTo(position, Number(event.dataset.at.split(".")[1]));
}

function drawControls() {
  const changed = () => (layWeek(), writeAddress());
  choice("by", BY, (key) => key === state.by, (key) => ((state.by = key), changed()));
  choice("zoom", Object.fromEntries(Object.keys(ZOOMS).map((zoom) => [zoom, zoom])), (key) => key === state.zoom, (key) =>
    setZoom(key, state.at),
  );
  const swatch = (kind, mark = "") => make("span", { class: "swatch " + kind, "aria-hidden": "true" }, mark);
  const kinds = Object.fromEntries(Object.entries(KINDS).map(([key, kind]) => [key, [swatch(kind), kind]]));
  choice(
    "kinds",
    { ...kinds, only: [swatch("collision", "×"), "only collisions"] },
    (key) => (key === "only" ? state.only : state.kinds.has(key)),
    (key) => {
      if (key === "only") state.only = !state.only;
      else if (!state.kinds.delete(key)) state.kinds.add(key);
      changed();
    },
  );
}

function drawWeek() {
  drawControls();
  const filter = byId("filter");
  filter.value = state.filter;
  filter.addEventListener("input", () => {
    state.filter = filter.value;
    layWeek();
    writeAddress();
  });
  layWeek();
  scrollTo(state.at);
  // A wider or narrower window, or a scroll bar that comes as the page fills.
  let width = byId("scroller").clientWidth;
  new ResizeObserver(() => {
    if (byId("scroller").clientWidth !== width) {
      width = byId("scroller").clientWidth;
      layWeek();
      scrollTo(state.at);
    }
  }).observe(byId("scroller"));
}

// ---- Lists.

/** A table of which many rows are shown on request. */
function table(caption, heads, rows) {
  const MANY = 30;
  const rowOf = (cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, ...[cell].flat())));
  const body = make("tbody", {}, ...rows.slice(0, MANY).map(rowOf));
  if (rows.length > MANY) {
    const more = make("tr", {}, make("td", { colspan: heads.length }));
    const showAll = () => more.replaceWith(...rows.slice(MANY).map(rowOf));
    more.firstChild.append(make("button", { type: "button", onclick: showAll }, "Show " + (rows.length - MANY) + " more"));
    body.append(more);
  }
  return make(
    "table",
    { class: "list" },
    caption ? make("caption", {}, caption) : null,
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    body,
  );
}

const place = (text) => make("span", { class: "place" }, text);

function drawCollisions() {
  const list = byId("collisions-list");
  const overloads = data.loads.flatMap((load) => load.steps.filter((step) => step.over).map((step) => ({ load, step })));
  if (data.collisions.length === 0) {
    list.append(make("p", { class: "good" }, "No backup meets a migration, maintenance or another backup in this week."));
  } else {
    const rows = data.collisions.map((collision) => [
      [
        collision.times[0][2],
        collision.count > 1 ? make("span", { class: "place" }, collision.count + " times") : null,
      ].filter(Boolean),
      collision.words,
      collision.machines,
      collision.places.map(place),
      make("button", { type: "button", "aria-label": "Show " + collision.words, onclick: () => showCollision(collision) }, "Show"),
    ]);
    list.append(table(null, ["When", "What", "Machines", "Where", ""], rows));
  }
  if (overloads.length > 0) {
    const rows = overloads.map(({ load, step }) => [
      step.time[2],
      step.load + " live migrations at once on host " + load.host + ", which takes " + load.limit,
      step.plans.map((plan) => data.entries[plan].name).join(", "),
      [...step.plans.map((plan) => place(data.entries[plan].place)), place(load.place)],
    ]);
    list.append(table("More live migrations at once than a host takes", ["When", "What", "Plans", "Where"], rows));
  }
  if (data.later.length > 0) {
    const rows = data.later.map((it) => [it.when, it.words, it.places.map(place)]);
    list.append(table("Later, within a year", ["First", "What", "Where"], rows));
  }
  if (data.possible > 0) {
    const policies = data.possible + (data.possible === 1 ? " backup policy" : " backup policies");
    const words = policies + " may collide with something of which time or end is not known.";
    list.append(make("p", { class: "note" }, words));
  }
}

function drawAbsent() {
  const rows = data.absent.map((it) => [it.kind + " " + it.name, it.why, place(it.place)]);
  if (rows.length === 0) {
    byId("absent").hidden = true;
    return;
  }
  byId("absent-list").append(table(null, ["What", "Why", "Where"], rows));
}

// ---- Loads.

function drawLoads() {
  const list = byId("loads-list");
  if (data.loads.length === 0) {
    list.append(make("p", { class: "note" }, "No plan moves anything in this week."));
    return;
  }
  const isOver = (load) => load.steps.some((step) => step.over);
  const loads = [...data.loads].sort((one, other) => isOver(other) - isOver(one) || other.peak - one.peak);
  const MANY = 24;
  list.append(...loads.slice(0, MANY).map(drawLoad));
  if (loads.length > MANY) {
    const more = make("button", { type: "button" }, "Show " + (loads.length - MANY) + " more");
    more.addEventListener("click", () => more.replaceWith(...loads.slice(MANY).map(drawLoad)));
    list.append(more);
  }
}

function drawLoad(load) {
  const [width, height] = [1000, 84];
  const bottom = height - 14;
  const most = Math.max(load.peak, load.limit ?? 0, 1, ...load.steps.map((step) => step.load + step.possible));
  const across = (seconds) => (Math.min(Math.max(seconds, 0), data.week.length) / data.week.length) * width;
  const up = (count) => bottom - (count / most) * (bottom - 8);
  const busy = load.steps.filter((step) => step.load > 0 || step.possible > 0);
  const bars = busy.flatMap((step) => {
    const [start, end] = step.time;
    const wide = Math.max(3, across(end ?? start) - across(start));
    const bar = (count, from, kind) =>
      draw("rect", { class: "step " + kind, x: across(start), width: wide, y: up(count), height: up(from) - up(count) });
    const parts = [];
    if (step.load > 0) parts.push(bar(step.load, 0, step.over ? "over" : ""));
    if (step.possible > 0) parts.push(bar(step.load + step.possible, step.load, "maybe"));
    return parts;
  });
  const picture = draw(
    "svg",
    { viewBox: "0 0 " + width + " " + height, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...data.week.days.map((day) =>
      draw("line", { class: "midnight", x1: across(day.at), x2: across(day.at), y1: 4, y2: bottom }),
    ),
    draw("line", { class: "base", x1: 0, x2: width, y1: bottom, y2: bottom }),
    ...bars,
    load.limit === null
      ? null
      : draw("line", { class: "limit", x1: 0, x2: width, y1: up(load.limit), y2: up(load.limit) }),
  );
  const over = busy.some((step) => step.over);
  const limit = load.limit === null ? "limit not known" : "limit " + load.limit;
  const lines = busy.slice(0, 6).map((step) => {
    const plans = step.plans.map((plan) => data.entries[plan].name).join(", ");
    const maybe = step.possible > 0 ? " (" + step.possible + " more may be)" : "";
    return make("li", { class: step.over ? "bad" : "" }, step.time[2] + ": " + step.load + maybe + (plans ? " by " + plans : ""));
  });
  if (busy.length > lines.length) lines.push(make("li", {}, "and " + (busy.length - lines.length) + " more times"));
  const figure = make(
    "figure",
    { class: over ? "load bad" : "load", tabindex: 0 },
    make("figcaption", {}, make("b", {}, load.host), make("span", {}, (over ? "over: " : "") + "at most " + load.peak + ", " + limit)),
    picture,
    make("div", { class: "days", "aria-hidden": "true" }, ...data.week.days.map((day) => make("span", {}, day.name))),
    make("ul", {}, ...lines),
  );
  const places = [...new Set(busy.flatMap((step) => step.plans.map((plan) => data.entries[plan].place)))];
  return withTip(figure, [
    load.host + ": at most " + load.peak + ", " + limit,
    load.origin,
    ["place", load.place],
    ...places.slice(0, 6).map((text) => ["place", text]),
  ]);
}

// ---- The matrix.

/** The rows of the matrix: single hosts, or kinds of hosts that are alike. */
function groups() {
  const nameOf = (host) => host.cluster ?? "\uffff";
  const hosts = [...data.matrix.hosts].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : nameOf(one) > nameOf(other) ? 1 : 0));
  if (state.alike === "no") return hosts.map((host) => ({ host, more: 0 }));
  const kinds = new Map();
  for (const host of hosts) {
    const group = kinds.get(host.kind);
    if (group) group.more += 1;
    else kinds.set(host.kind, { host, more: 0 });
  }
  return [...kinds.values()];
}

const titleOf = ({ host, more }) => host.name + (more > 0 ? " +" + more : "");

function drawMatrix() {
  const { hosts, cells, verdicts } = data.matrix;
  byId("verdicts").replaceChildren(
    ...Object.entries(MARKS).flatMap(([verdict, mark]) => [
      make("span", { class: "mark " + verdict, "aria-hidden": "true" }, mark),
      MEANINGS[verdict],
    ]),
  );
  if (hosts.length === 0) {
    byId("matrix").replaceChildren(make("p", { class: "note" }, "No host is declared."));
    return;
  }
  const kinds = new Set(hosts.map((host) => host.kind)).size;
  if (kinds < hosts.length) {
    choice("alike", { no: plural(hosts.length, "host"), yes: plural(kinds, "kind") }, (key) => key === state.alike, (key) => {
      state.alike = key;
      drawMatrix();
    });
  }
  const list = groups();
  /** Lines between clusters. */
  const edge = (position) => (position > 0 && list[position].host.cluster !== list[position - 1].host.cluster ? " first" : "");
  const cell = (from, to, row, column) => {
    const self = from === to && from.more === 0;
    const number = self ? null : cells[from.host.kind][to.host.kind];
    if (number === null) return make("td", { class: "self" + edge(column), role: "gridcell" }, "·");
    const verdict = verdicts[number];
    return make(
      "td",
      { class: verdict.verdict + edge(column), role: "gridcell", tabindex: -1, "data-at": row + "." + column },
      MARKS[verdict.verdict],
    );
  };
  const body = list.map((from, row) =>
    make(
      "tr",
      { role: "row", class: edge(row).trim() },
      make("th", { scope: "row" }, titleOf(from), " ", make("small", {}, from.host.processor ?? "processor not known")),
      ...list.map((to, column) => cell(from, to, row, column)),
    ),
  );
  const head = list.map((to, column) => make("th", { scope: "col", class: edge(column).trim() }, make("span", {}, titleOf(to))));
  const grid = make(
    "table",
    { role: "grid", "aria-label": "From the host of the row to the host of the column" },
    make("thead", {}, make("tr", {}, make("th", {}, "from ↓  to →"), ...head)),
    make("tbody", {}, ...body),
  );
  byId("matrix").replaceChildren(grid);
  grid.querySelector("td[data-at]")?.setAttribute("tabindex", "0");
  const linesOf = (element) => {
    const [row, column] = element.dataset.at.split(".").map(Number);
    return verdictLines(list[row], list[column], verdicts[cells[list[row].host.kind][list[column].host.kind]]);
  };
  const say = (event) => {
    const element = event.target.closest("td[data-at]");
    if (!element) return hideTip();
    const lines = linesOf(element);
    element.setAttribute("aria-label", lines.map((line) => (Array.isArray(line) ? line[1] : line)).join(". "));
    showTip(lines, element);
  };
  grid.addEventListener("mouseover", say);
  grid.addEventListener("mouseleave", hideTip);
  grid.addEventListener("focusin", say);
  grid.addEventListener("focusout", hideTip);
  grid.addEventListener("keydown", (event) => moveInMatrix(event, grid, list.length));
}

/** From which host to which, whether it works, why not, and where that is written. */
function verdictLines(from, to, verdict) {
  const lines = [from.host.name + " → " + to.host.name + ": " + MEANINGS[verdict.verdict]];
  if (verdict.reasons.length === 0) lines.push("nothing that hosts alone decide is in the way");
  for (const reason of verdict.reasons) {
    lines.push([reason.verdict === "never" ? "bad" : "", reason.text]);
    const places = [from.host.places[reason.topic], to.host.places[reason.topic]];
    for (const text of new Set(places.filter(Boolean))) lines.push(["place", text]);
  }
  return lines;
}

function moveInMatrix(event, grid, size) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = steps[event.key];
  const at = event.target.dataset.at;
  if (!step || !at) return;
  event.preventDefault();
  let [row, column] = at.split(".").map(Number);
  do {
    row += step[0];
    column += step[1];
    if (Math.min(row, column) < 0 || Math.max(row, column) >= size) return;
  } while (!grid.rows[row + 1].cells[column + 1].dataset.at);
  event.target.tabIndex = -1;
  const next = grid.rows[row + 1].cells[column + 1];
  next.tabIndex = 0;
  next.focus();
}

// ---- The head, and everything at once.

function drawHead() {
  const { week: it } = data;
  byId("title").textContent = "Week " + it.number.slice(6) + " of " + it.number.slice(0, 4);
  const [first, last] = [it.days[0], it.days[6]];
  byId("subtitle").textContent =
    first.name + " " + it.from + " – " + last.name + " " + it.until + ", on the clocks of " + it.zone;
  const over = data.loads.filter((load) => load.steps.some((step) => step.over)).length;
  const hit = data.rows.vm.shown.filter((row) => row.collisions.length > 0).length;
  const count = (number, words, bad) =>
    make("li", { class: bad && number > 0 ? "bad" : "" }, make("b", {}, String(number)), " " + words);
  byId("counts").append(
    count(data.collisions.length, data.collisions.length === 1 ? "collision" : "collisions", true),
    count(hit, "of " + plural(data.rows.vm.all, "VM") + " hit", true),
    count(over, (over === 1 ? "host" : "hosts") + " over the limit", true),
    count(data.later.length, (data.later.length === 1 ? "collision" : "collisions") + " later in the year", false),
  );
}

function setTheme() {
  document.documentElement.dataset.theme = state.theme;
  byId("theme").textContent = state.theme === "dark" ? "Light" : "Dark";
}

byId("theme").addEventListener("click", () => {
  state.theme = state.theme === "dark" ? "light" : "dark";
  state.themeSaid = true;
  setTheme();
  writeAddress();
});

window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
  if (state.themeSaid) return;
  state.theme = event.matches ? "dark" : "light";
  setTheme();
});

window.addEventListener("hashchange", () => {
  Object.assign(state, readAddress());
  byId("filter").value = state.filter;
  setTheme();
  drawControls();
  layWeek();
  scrollTo(state.at);
  drawMatrix();
});

setTheme();
drawHead();
drawWeek();
drawCollisions();
drawLoads();
drawMatrix();
drawAbsent();
