// What should not be on paper.
"use strict";
const found = [];
const shown = (el) => el.checkVisibility({ visibilityProperty: true });
for (const el of document.querySelectorAll("nav, form, button, .skip, .buttons")) {
  if (shown(el) && el.getBoundingClientRect().left > -1000) found.push(`a ${el.tagName.toLowerCase()} is printed: ${el.textContent.trim().slice(0, 40)}`);
}
if (!shown(document.querySelector("main"))) found.push("the content is not printed");
const light = (text) => text.match(/[\d.]+/g).slice(0, 3).reduce((sum, v) => sum + Number(v), 0) / 3;
const body = getComputedStyle(document.body);
if (body.backgroundColor !== "rgba(0, 0, 0, 0)" && light(body.backgroundColor) < 200) found.push("the ground is dark");
if (light(body.color) > 110) found.push("the ink is light");
return found;
