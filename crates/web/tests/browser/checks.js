// What makes a page usable by keyboard, by ear, on a telephone and in the dark, looked at in the page as the browser has
// laid it out. Returns a list of [rule, where, what]; `faulty.html` breaks each rule, so that each is seen to be looked
// at. The argument is the width of the screen.
"use strict";
const width = arguments[0];
const problems = [];
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const squeezed = (text) => (text || "").replace(/\s+/g, " ").trim();
const where = (el) => {
  const path = [];
  for (let at = el; at && at !== document.body && path.length < 4; at = at.parentElement) {
    const name = at.tagName.toLowerCase();
    path.unshift(name + (at.id ? "#" + at.id : "") + [...at.classList].slice(0, 2).map((c) => "." + c).join(""));
  }
  return `${path.join(" > ")} "${squeezed(el.textContent).slice(0, 40)}"`;
};
const tell = (rule, el, what) => problems.push([rule, el ? where(el) : "page", what]);
const style = (el) => getComputedStyle(el);
const shown = (el) => el.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
// For the ear alone, or a link that shows itself when it is reached.
const unseen = (el) => el.closest(".hidden, .skip, .visually-hidden");

// The name by which it is announced, as far as our pages go.
function named(el) {
  const by = el.getAttribute("aria-labelledby");
  if (by) return squeezed(by.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(" "));
  const said = squeezed(el.getAttribute("aria-label"));
  if (said) return said;
  if (el.labels?.length) return squeezed([...el.labels].map((l) => l.textContent).join(" "));
  if (el.matches("input[type=submit], input[type=button]")) return squeezed(el.value);
  if (el.matches("input, select, textarea")) return squeezed(el.title);
  if (el.tagName === "IMG") return squeezed(el.alt);
  const pictures = all("img[alt], svg[aria-label]", el).map((p) => p.alt ?? p.getAttribute("aria-label"));
  const titles = all("svg:not([aria-hidden=true]) > title", el).map((t) => t.textContent);
  return squeezed([el.textContent, ...pictures, ...titles, el.title].join(" "));
}

// The page itself.
if (!document.documentElement.lang) tell("lang", null, "the page names no language");
if (!squeezed(document.title)) tell("title", null, "the page has no title");
const mains = all("main, [role=main]").filter(shown);
if (mains.length !== 1) tell("landmark-main", null, `${mains.length} main parts`);
const navs = all("nav, [role=navigation]").filter(shown);
for (const nav of navs) {
  const same = navs.filter((other) => named2(other) === named2(nav)).length;
  if (navs.length > 1 && (!named2(nav) || same > 1)) tell("landmark-names", nav, "a way around has no name of its own");
}
function named2(el) {
  const by = el.getAttribute("aria-labelledby");
  return squeezed(by ? document.getElementById(by)?.textContent : el.getAttribute("aria-label"));
}
const outside = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = outside.nextNode(); node; node = outside.nextNode()) {
  const el = node.parentElement;
  if (squeezed(node.data) && shown(el) && !el.closest("main, nav, header, footer, aside, .skip, script, [role=dialog]")) {
    tell("region", el, "text outside every part of the page");
  }
}

// Headings.
const headings = all("h1, h2, h3, h4, h5, h6").filter(shown);
const firsts = headings.filter((h) => h.tagName === "H1");
if (firsts.length !== 1) tell("one-h1", firsts[1] ?? null, `${firsts.length} first headings`);
let level = 0;
for (const heading of headings) {
  const own = Number(heading.tagName[1]);
  if (own > level + 1) tell("heading-order", heading, `level ${own} after level ${level}`);
  if (!squeezed(heading.textContent)) tell("heading-order", heading, "an empty heading");
  level = own;
}

// Ids and what points to them.
const ids = new Map();
for (const el of all("[id]")) ids.set(el.id, (ids.get(el.id) ?? 0) + 1);
for (const [id, count] of ids) if (count > 1) tell("unique-id", document.getElementById(id), `${count} times ${id}`);
for (const name of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list", "form"]) {
  for (const el of all(`[${name}]`)) {
    for (const id of el.getAttribute(name).split(/\s+/).filter(Boolean)) {
      if (!ids.has(id)) tell("dead-reference", el, `${name} names ${id}, which is nowhere`);
    }
  }
}
for (const el of all('a[href^="#"]')) {
  const id = decodeURIComponent(el.getAttribute("href").slice(1));
  if (id && !ids.has(id)) tell("dead-reference", el, `it leads to #${id}, which is nowhere`);
}

// Names.
const controls = all("input:not([type=hidden]), select, textarea").filter(shown);
for (const el of controls) {
  if (!named(el)) tell("label", el, "a control has no label");
  if (el.matches("[type=password], [type=email]") && !el.autocomplete) tell("autocomplete", el, "says not what it is for");
}
for (const el of all("button, summary, [role=button], input[type=submit]").filter(shown)) {
  if (!named(el)) tell("button-name", el, "a button has no name");
}
for (const el of all("a[href]").filter(shown)) if (!named(el)) tell("link-name", el, "a link has no name");
for (const el of all("img")) if (!el.hasAttribute("alt")) tell("image-name", el, "a picture has no text beside it");
for (const el of all("svg")) {
  const silent = el.closest("[aria-hidden=true]");
  const name = el.getAttribute("aria-label") || el.getAttribute("aria-labelledby") || squeezed(el.querySelector("title")?.textContent);
  if (!silent && shown(el) && !(el.getAttribute("role") === "img" && name)) {
    tell("image-name", el.parentElement, "a drawing is neither named nor hidden from the ear");
  }
}
for (const group of new Set(all("input[type=radio]").map((r) => `${r.form?.action} ${r.name}`))) {
  const radio = all("input[type=radio]").find((r) => `${r.form?.action} ${r.name}` === group);
  const around = radio.closest("fieldset, [role=radiogroup]");
  if (!around || !(around.querySelector("legend") || named2(around))) tell("group-name", radio, "choices without a question");
}

// Tables and lists.
for (const table of all("table").filter(shown)) {
  const heads = all("th", table);
  if (!heads.length) tell("table-headers", table, "a table has no heads");
  for (const th of heads) if (!th.scope && !th.id) tell("table-headers", th, "a head does not say what it heads");
}
for (const list of all("ul, ol")) {
  for (const child of list.children) {
    if (!child.matches("li, script, template")) tell("list-children", child, "not an entry, in a list");
  }
}
for (const list of all("dl")) {
  for (const child of list.children) {
    if (!child.matches("dt, dd, div")) tell("list-children", child, "neither term nor description");
  }
}

// Colours.
const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
const colours = new Map();
function colour(text) {
  if (!colours.has(text)) {
    const parts = /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/.exec(text);
    if (parts) {
      colours.set(text, [Number(parts[1]), Number(parts[2]), Number(parts[3]), parts[4] === undefined ? 1 : Number(parts[4])]);
    } else {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = text;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      colours.set(text, [r, g, b, a / 255]);
    }
  }
  return colours.get(text);
}
const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
function ground(el) {
  const layers = [];
  for (let at = el; at; at = at.parentElement) {
    const own = colour(style(at).backgroundColor);
    if (own[3] > 0) layers.push(own);
    if (own[3] === 1) break;
  }
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
}
function light([r, g, b]) {
  const part = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
}
function contrast(a, b) {
  const [x, y] = [light(a), light(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
function veil(el) {
  let through = 1;
  for (let at = el; at; at = at.parentElement) through *= Number(style(at).opacity);
  return through;
}
const seen = new Set();
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = texts.nextNode(); node; node = texts.nextNode()) {
  const el = node.parentElement;
  if (!squeezed(node.data) || seen.has(el) || !shown(el) || unseen(el) || el.closest("script, style, title, desc, option")) continue;
  if (el.closest("[disabled], [aria-disabled=true]")) continue;
  seen.add(el);
  const drawn = el.closest("svg");
  const ink = colour(drawn ? style(el).fill : style(el).color);
  const below = ground(drawn ? drawn.parentElement : el);
  const ratio = contrast(over([ink[0], ink[1], ink[2], ink[3] * veil(el)], below), below);
  if (ratio < 4.5) tell("contrast", el, `text stands out by ${ratio.toFixed(2)}, not 4.5`);
}
for (const el of controls) {
  if (el.matches("[type=checkbox], [type=radio], [type=file]") || el.disabled) continue;
  const inside = ground(el);
  const ratio = contrast(colour(style(el).color), inside);
  if (ratio < 4.5) tell("contrast", el, `what is typed stands out by ${ratio.toFixed(2)}, not 4.5`);
  const edge = contrast(colour(style(el).borderTopColor), ground(el.parentElement));
  if (edge < 3 || style(el).borderTopStyle === "none") tell("edge", el, `its edge stands out by ${edge.toFixed(2)}, not 3`);
}

// Fingers and small screens.
const reach = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
const targets = all(reach).filter((el) => shown(el) && !unseen(el) && !el.matches("[role=region]"));
const boxes = targets.map((el) => {
  const label = el.matches("[type=checkbox], [type=radio]") && el.closest("label");
  return (label || el).getBoundingClientRect();
});
const inText = (el) => el.matches("a") && style(el).display === "inline" && squeezed(el.parentElement.textContent) !== squeezed(el.textContent);
targets.forEach((el, at) => {
  const box = boxes[at];
  if (box.width >= 23.9 && box.height >= 23.9 || !box.width || inText(el)) return;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const close = boxes.some((other, i) => {
    if (i === at || targets[i].contains(el) || el.contains(targets[i]) || !other.width) return false;
    const small = other.width < 23.9 || other.height < 23.9;
    if (small) return Math.hypot(x - other.left - other.width / 2, y - other.top - other.height / 2) < 23.9;
    const dx = Math.max(other.left - x, 0, x - other.right);
    const dy = Math.max(other.top - y, 0, y - other.bottom);
    return Math.hypot(dx, dy) < 12;
  });
  if (close) tell("target-size", el, `${box.width.toFixed(0)} by ${box.height.toFixed(0)} pixels, and another beside it`);
});
const page = document.documentElement;
if (page.scrollWidth > width) {
  const wide = all("body *").filter((el) => shown(el) && !unseen(el) && el.getBoundingClientRect().right > width + 0.5);
  const inner = wide.filter((el) => !wide.some((other) => other !== el && el.contains(other)));
  tell("sideways", inner[0] ?? null, `the page is ${page.scrollWidth} pixels wide on a screen of ${width}`);
}
for (const el of all("body *")) {
  const how = style(el).overflowX;
  if ((how === "auto" || how === "scroll") && el.scrollWidth > el.clientWidth + 1 && shown(el)) {
    const inside = all(reach, el).some(shown);
    if (el.tabIndex < 0 && !inside && !el.matches("input, textarea, select")) tell("scroll-by-keyboard", el, "no key scrolls it");
  }
}

// Keyboard.
for (const el of all("[tabindex]")) if (el.tabIndex > 0) tell("tab-index", el, "it jumps the order");
const look = (el) => ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "borderColor", "left"].map((k) => style(el)[k]).join("|");
for (const el of targets) {
  if (el.disabled) continue;
  el.blur();
  const before = look(el);
  el.focus({ focusVisible: true, preventScroll: true });
  if (document.activeElement !== el) continue;
  const line = style(el);
  const drawn = line.outlineStyle !== "none" && parseFloat(line.outlineWidth) >= 2;
  if (before === look(el) || (drawn && line.outlineStyle !== "auto" && contrast(colour(line.outlineColor), ground(el.parentElement)) < 3)) {
    tell("focus-visible", el, "one does not see that the keyboard is here");
  }
}
document.activeElement?.blur();

// What has to work without scripts.
for (const el of all("*")) {
  for (const { name } of el.attributes) {
    if (name === "style" || name.startsWith("on")) tell("inline", el, `it has ${name} of its own`);
  }
}
for (const form of all("form")) {
  const buttons = [...form.elements].filter((el) => el.matches("button:not([type=button]), input[type=submit]"));
  if (!buttons.some(shown) && shown(form)) tell("form-button", form, "nothing sends it");
  const first = form.elements[0];
  if (form.method === "post" && !(first?.type === "hidden" && first.name === "csrf" && first.value)) {
    tell("form-mark", form, "its first field is not the mark of the session");
  }
  const files = [...form.elements].some((el) => el.type === "file");
  if (files && form.enctype !== "multipart/form-data") tell("form-files", form, "it would send names instead of files");
}
return problems;
