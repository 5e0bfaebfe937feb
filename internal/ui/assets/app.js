// Small help where scripts are allowed. Every page works without this file, but for passkeys and security
// keys, whose work Kratos' own script does. Nothing is evaluated, no page is changed beyond what is marked.
"use strict";

(() => {
  const all = (selector, inside = document) => inside.querySelectorAll(selector);
  const show = (element, visible = true) => { element.hidden = !visible; };

  // Show a password while it is typed; never when it is sent, so that no browser keeps it as text.
  for (const button of all("[data-reveal]")) {
    const field = document.getElementById(button.dataset.reveal);
    const set = (visible) => {
      field.type = visible ? "text" : "password";
      button.setAttribute("aria-pressed", String(visible));
    };
    button.addEventListener("click", () => { set(field.type === "password"); field.focus(); });
    field.form?.addEventListener("submit", () => set(false));
    show(button);
  }

  // Copy and print.
  const copied = (button) => {
    const text = button.querySelector("span");
    const label = text.textContent;
    text.textContent = button.dataset.done;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => { text.textContent = label; }, 2500);
  };
  for (const button of all("[data-copy], [data-copy-items]")) {
    if (!navigator.clipboard) continue; // only on secure origins
    button.addEventListener("click", () => {
      const from = button.dataset.copyItems;
      const text = button.dataset.copy ??
        Array.from(all("li:not(.used)", document.getElementById(from)), (li) => li.textContent.trim()).join("\n");
      navigator.clipboard.writeText(text).then(() => copied(button), () => show(button, false));
    });
    show(button);
  }
  for (const button of all("[data-print]")) {
    button.addEventListener("click", () => window.print());
    show(button);
  }

  // The inbox of development looks for new mail, as long as somebody looks at it.
  for (const link of all("[data-again]")) {
    setInterval(() => { if (!document.hidden) location.reload(); }, 1000 * link.dataset.again);
  }

  // No double submit. The button keeps its name and value, which a disabled one would not send.
  for (const form of all("form[method=post]:not([data-stays])")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      form.setAttribute("aria-busy", "true");
    });
  }
  // The back button shows the page as it was left.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of all("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  // A code that is complete is sent, when it was typed or pasted: a link that fills it in sends nothing.
  for (const field of all("[data-complete]")) {
    const length = Number(field.dataset.complete);
    field.addEventListener("input", (event) => {
      const code = field.value.replace(/[\s-]/g, "");
      if (code !== field.value && /^\d+$/.test(code)) field.value = code;
      if (event.inputType?.startsWith("delete") || code.length !== length || !/^\d+$/.test(code)) return;
      const button = field.form.querySelector("button[type=submit]");
      if (button && field.form.checkValidity()) field.form.requestSubmit(button);
    });
  }

  // The choice to stay signed in is shown once, and is that of every form.
  const keep = document.querySelector("input[type=checkbox][name=keep_signed_in]");
  if (keep) {
    const follow = () => {
      for (const field of all("[data-keep]")) field.disabled = field.dataset.keep === "on" && !keep.checked;
    };
    keep.addEventListener("change", follow);
    window.addEventListener("pageshow", follow);
    follow();
  }

  // Passkeys and security keys: Kratos' script does the work, and tells a developer or nobody what went
  // wrong. It is told here, where the person looks.
  const said = document.getElementById("said");
  const say = (kind) => {
    if (!said) return;
    said.textContent = "";
    said.textContent = said.dataset[kind] ?? said.dataset.failed;
    said.scrollIntoView({ block: "nearest" });
  };
  const reasonOf = (error) => {
    if (error?.name === "InvalidStateError") return "known";
    return error?.name === "NotAllowedError" || error?.name === "AbortError" ? "canceled" : "failed";
  };
  const supported = Boolean(window.PublicKeyCredential && navigator.credentials);
  const triggers = all("[data-trigger]");
  for (const form of all("form[data-scripted]")) show(form, supported);
  for (const sentence of all("[data-unsupported]")) show(sentence, !supported);
  if (!supported) return;

  let asked = false;
  for (const method of ["get", "create"]) {
    const real = navigator.credentials[method].bind(navigator.credentials);
    navigator.credentials[method] = (options) => {
      const answer = real(options);
      // The list in the field for the sign-in name was not asked for, and fails in silence.
      if (asked && options?.mediation !== "conditional") answer.catch((error) => say(reasonOf(error)));
      return answer;
    };
  }
  // Two of its functions call alert, with a text for developers, after the same failure.
  window.alert = () => {};

  const call = (name) => {
    if (typeof window[name] !== "function") { say("failed"); return; }
    try {
      Promise.resolve(window[name]()).catch(() => say("failed"));
    } catch {
      say("failed");
    }
  };
  // What a passkey is named after has to be filled in first; the password beside it does not.
  const filledIn = (form) => Array.from(form.elements).every((field) =>
    !field.name?.startsWith("traits.") || field.reportValidity());
  for (const button of triggers) {
    const form = button.form;
    const begin = () => {
      if (button.disabled || !filledIn(form)) return;
      asked = true;
      if (said) said.textContent = "";
      call(button.dataset.trigger);
    };
    button.addEventListener("click", begin);
    if (form.hasAttribute("data-scripted")) {
      // The Enter key in the name of a key means this button.
      form.addEventListener("submit", (event) => { event.preventDefault(); delete form.dataset.sent; begin(); });
    }
    show(button);
  }
  for (const form of all("form[data-begin]")) call(form.dataset.begin);
})();
