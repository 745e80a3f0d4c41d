"use strict";
// Filters the claims and switches the language; the address keeps both. All text is set as text.

const form = document.getElementById("filter");
const claims = [...document.querySelectorAll("article.claim")];
const languages = [...document.querySelectorAll("input[name=lang]")];
const chosen = ["verdict", "outcome", "chapter", "device", "since"].map((id) => form.elements[id]).filter(Boolean);
const search = form.elements.q;
const plain = (text) => text.normalize("NFKC").toLowerCase();
const texts = new Map(claims.map((claim) => [claim, plain(claim.textContent).replace(/\s+/g, " ")]));

const wanted = {
  verdict: (claim, value) => claim.dataset.verdict === value,
  outcome: (claim, value) => claim.dataset.outcome === value,
  chapter: (claim, value) => `${claim.dataset.chapter}.`.startsWith(`${value}.`),
  device: (claim, value) => claim.dataset.devices.split(" ").includes(value),
  since: (claim, _, select) => claim.dataset.differs.split(" ").includes(select.selectedOptions[0].dataset.index),
};

// Of a pasted error message, numbers, names and shapes do not matter, and other words may differ.
const terms = (text) => new Set(text.match(/[a-z_]{3,}/g));
const messages = claims.flatMap((claim) => [...claim.querySelectorAll(".messages li, .asks")]
  .map((item) => [claim, terms(plain(item.textContent))]));

function nearest(text) {
  const asked = terms(text);
  const likeness = new Map();
  for (const [claim, said] of asked.size > 3 ? messages : []) {
    const shared = [...asked].filter((word) => said.has(word)).length;
    const likely = shared / Math.min(asked.size, said.size) - Math.abs(asked.size - said.size) / 1000;
    likeness.set(claim, Math.max(likely, likeness.get(claim) ?? 0));
  }
  const best = Math.max(0.5, ...likeness.values());
  return new Set([...likeness].filter(([, likely]) => likely > best - 0.05).map(([claim]) => claim));
}

function filter() {
  const words = plain(search.value).split(/\s+/).filter(Boolean);
  const have = (those) => claims.filter((claim) => those.every((it) => texts.get(claim).includes(it)));
  // Of three words or more, as a message has, the claims that have them in a row are enough.
  const inARow = words.length > 2 ? have([words.join(" ")]) : [];
  const whole = inARow.length ? inARow : have(words);
  const found = whole.length ? new Set(whole) : nearest(plain(search.value));
  document.getElementById("nearest").hidden = whole.length > 0 || found.size === 0;
  let count = 0;
  for (const claim of claims) {
    const matches = found.has(claim)
      && chosen.every((select) => !select.value || wanted[select.id](claim, select.value, select));
    claim.hidden = !matches;
    count += matches;
  }
  for (const section of document.querySelectorAll("section.chapter")) {
    section.hidden = !section.querySelector("article.claim:not([hidden])");
  }
  document.getElementById("none").hidden = count > 0;
  const japanese = document.documentElement.lang === "ja";
  document.getElementById("count").textContent = japanese
    ? `${claims.length} 件中 ${count} 件`
    : `${count} of ${claims.length} claims`;
}

function speak(language) {
  document.documentElement.lang = language;
  for (const radio of languages) radio.checked = radio.value === language;
  for (const option of form.querySelectorAll("option[data-en]")) option.textContent = option.dataset[language];
}

function read() {
  const address = new URLSearchParams(location.search);
  const preferred = navigator.language.startsWith("ja") ? "ja" : "en";
  speak(["en", "ja"].includes(address.get("lang")) ? address.get("lang") : preferred);
  search.value = address.get("q") ?? "";
  for (const select of chosen) {
    const value = address.get(select.id) ?? "";
    select.value = [...select.options].some((option) => option.value === value) ? value : "";
  }
  filter();
  reveal();
}

function write() {
  const address = new URLSearchParams(location.search);
  for (const { id, value } of [search, ...chosen]) {
    if (value) address.set(id, value); else address.delete(id);
  }
  address.set("lang", document.documentElement.lang);
  history.replaceState(null, "", `?${address}${location.hash}`);
}

// A claim that is linked to is shown, whatever the filter says.
function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.closest("[hidden]")) {
    form.reset();
    filter();
    write();
  }
  target?.scrollIntoView();
}

form.hidden = false;
read();
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => { filter(); write(); });
form.addEventListener("reset", () => setTimeout(() => { filter(); write(); search.focus(); }));
for (const radio of languages) radio.addEventListener("change", () => { speak(radio.value); filter(); write(); });
addEventListener("popstate", read);
addEventListener("hashchange", reveal);
addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    search.focus();
  }
  if (event.key === "Escape") event.target.closest?.(".seg")?.classList.add("quiet");
});

// A value that would leave the window opens to the left.
for (const kind of ["pointerover", "focusin"]) {
  addEventListener(kind, (event) => {
    const segment = event.target.closest?.(".seg");
    if (!segment) return;
    if (kind === "focusin") segment.classList.remove("quiet");
    const tip = segment.querySelector("small");
    tip.classList.remove("end");
    tip.classList.toggle("end", tip.getBoundingClientRect().right > document.documentElement.clientWidth);
  });
}
