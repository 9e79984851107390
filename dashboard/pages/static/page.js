// Keeps the page as the shop is: takes sections that changed, and says so when they stop coming.

import { drawAll } from "./charts.js";
import { morph } from "./morph.js";
import { Stream } from "./stream.js";

const SILENT = 15;
const { live, lost, silent, seconds, minutes } = document.body.dataset;
let heard = Date.now();
let gone = 0;

function take({ order, sections }) {
  heard = Date.now();
  const home = document.getElementById("sections");
  for (const { id, html, version } of sections) {
    let element = document.getElementById(id);
    if (!element) {
      element = document.createElement("div");
      element.id = id;
      element.className = `section s-${id}`;
    }
    if (element.dataset.version !== version) {
      const messages = new Set([...element.querySelectorAll(".message")].map((each) => each.id));
      const first = messages.size === 0;
      element.dataset.version = version;
      morph(element, html);
      for (const message of element.querySelectorAll(".message")) {
        if (!first && !messages.has(message.id)) message.classList.add("fresh-message");
      }
    }
    if (!element.parentElement) home.append(element);
  }
  for (const element of [...home.children]) {
    if (!order.includes(element.id)) element.remove();
  }
  drawAll();
  ageing();
}

function connected(yes) {
  const banner = document.getElementById("lost");
  document.body.toggleAttribute("data-connected", yes);
  if (yes) {
    gone = 0;
    banner.hidden = true;
  } else if (!gone) {
    gone = Date.now();
    banner.textContent = lost.replace("{time}", new Date(gone).toTimeString().slice(0, 8));
    banner.hidden = false;
  }
}

function ageing() {
  const place = document.getElementById("silent");
  if (!place) return;
  const age = Math.round((Date.now() - heard) / 1000);
  const told = age < 120 ? seconds.replace("{n}", age) : minutes.replace("{n}", Math.round(age / 60));
  place.textContent = age < SILENT ? "" : `· ${silent.replace("{time}", told)}`;
}

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (menu && event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

drawAll();
setInterval(ageing, 1000);
new Stream(live, take, connected);
