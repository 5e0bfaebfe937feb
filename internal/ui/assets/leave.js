// The two pages that are shown for a moment on the way to an application (leaving.go, formpost.go). Without
// this file each has a button that does the same.
(() => {
  "use strict";
  const [visit] = performance.getEntriesByType("navigation");
  if (visit && visit.type === "back_forward") {
    return; // whoever comes back wants to go on back
  }
  const form = document.querySelector("form[data-leave]");
  if (form) {
    HTMLFormElement.prototype.submit.call(form);
    return;
  }
  const link = document.querySelector("a[data-leave]");
  if (!link) {
    return;
  }
  let gone = false;
  const go = () => {
    if (!gone) {
      gone = true;
      location.replace(link.href);
    }
  };
  // The page has loaded when its frames have; what they do then needs a moment more.
  const loaded = () => setTimeout(go, 500);
  if (document.readyState === "complete") {
    loaded();
  } else {
    addEventListener("load", loaded);
  }
  setTimeout(go, 5000);
})();
