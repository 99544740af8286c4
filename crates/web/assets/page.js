// Every page works without this. It saves a click where a browser allows it.
"use strict";

// A filter that is chosen is applied at once.
for (const form of document.querySelectorAll("form[data-now]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
    }
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
});

// What goes on is shown as it happens.
for (const place of document.querySelectorAll("[data-events]")) {
  const events = new EventSource(place.dataset.events);
  events.addEventListener("message", (event) => {
    place.innerHTML = event.data;
  });
  events.addEventListener("ended", () => {
    events.close();
    location.reload();
  });
}
