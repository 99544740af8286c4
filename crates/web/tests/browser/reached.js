// What the key Tab should reach, in the order of the page; and from now on, in `window.reached`, what it does reach.
"use strict";
const name = (el) => {
  // Of choices, the browser decides which one is reached.
  if (el.type === "radio") return `one of ${el.name}`;
  const at = [...document.querySelectorAll("*")].indexOf(el);
  return `${at} ${el.tagName.toLowerCase()} ${(el.textContent || el.name || "").replace(/\s+/g, " ").trim().slice(0, 30)}`;
};
window.reached = [];
document.addEventListener("focusin", (event) => window.reached.push(name(event.target)));
window.getSelection().removeAllRanges();
document.activeElement?.blur();
window.scrollTo(0, 0);
const groups = new Set();
return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((el) => el.checkVisibility({ visibilityProperty: true }) && !el.disabled)
  // Of choices one is reached, and the arrows go on from it; a date has parts of its own.
  .filter((el) => {
    if (el.type !== "radio") return true;
    const group = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(el.name)}"]`)].filter((r) => r.form === el.form);
    const chosen = group.find((r) => r.checked) ?? group[0];
    return el === chosen;
  })
  .map(name);
