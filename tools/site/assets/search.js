// Searches the index that was made with the site. Without this script the pages are the same; only the field is missing.
"use strict";
(() => {
  const box = document.querySelector(".search");
  const input = box.querySelector("input");
  const list = box.querySelector("ul");
  const status = box.querySelector("[role=status]");
  const root = box.dataset.root;
  box.hidden = false;

  // The index is read when somebody is about to search. It is a script, because a page on a disk may fetch nothing.
  let asked = false;
  const load = () => {
    if (asked) return;
    asked = true;
    const script = document.createElement("script");
    script.src = root + "search-index.js";
    script.addEventListener("load", search);
    document.head.append(script);
  };
  input.addEventListener("focus", load);

  const score = (entry, words) => {
    const heading = entry.h.toLowerCase();
    const title = entry.p.toLowerCase();
    let sum = 0;
    for (const word of words) {
      if (heading === word) sum += 40;
      else if (heading.includes(word)) sum += 20;
      else if (title.includes(word)) sum += 8;
      else if ((" " + entry.w + " ").includes(" " + word + " ")) sum += 4;
      else if ((" " + entry.w).includes(" " + word)) sum += 2;
      else if (entry.w.includes(word)) sum += 1;
      else return 0;
    }
    return sum;
  };

  function search() {
    const words = input.value.toLowerCase().split(/\s+/).filter((word) => word);
    const index = globalThis.siteIndex;
    list.replaceChildren();
    if (!index || words.length === 0) {
      list.hidden = true;
      status.textContent = "";
      return;
    }
    const found = index.map((entry) => [score(entry, words), entry]).filter(([points]) => points > 0);
    found.sort(([a], [b]) => b - a);
    for (const [, entry] of found.slice(0, 12)) {
      const link = document.createElement("a");
      link.href = root + entry.u;
      link.textContent = entry.h;
      if (entry.h !== entry.p) {
        const page = document.createElement("small");
        page.textContent = entry.p;
        link.append(page);
      }
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
    }
    if (found.length === 0) {
      const item = document.createElement("li");
      item.textContent = "Nothing found.";
      list.append(item);
    }
    list.hidden = false;
    status.textContent = found.length + " found";
  }

  input.addEventListener("input", () => {
    load();
    search();
  });
  box.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      list.hidden = true;
      input.focus();
    } else if (event.key === "ArrowDown" && links.length > 0) {
      event.preventDefault();
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (at === 0 ? input : links[at - 1]).focus();
    } else if (event.key === "Enter" && at < 0 && links.length > 0) {
      links[0].click();
    }
  });
  box.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) list.hidden = true;
  });
})();
