// Gives the Sigma frames of a page fresh one-time URLs.
//
// A frame's stable link (below this script's folder) leads to a signed URL that works once, and browsers ask for that URL
// again after Back, Forward or "reload frame". So this script navigates frames to their links: after Back and Forward, once
// after a reload that Sigma does not survive, once when a session ran out. It leaves frames that live alone.
(function () {
  "use strict";

  const LOADED_WITHIN_MS = 20000; // a reloaded frame has to say "workbook:loaded" by then
  const LOADED_BEFORE_MS = 2000; // which may come this much before its load event
  const EXPIRY_AFTER_MS = 300000; // EINVAL means "expired" only this long after a navigation
  const REPORTS_MAX = 20;

  const script = document.currentScript;
  if (!script || window.sigmaGatewayEmbed) return; // a page may have the script twice
  window.sigmaGatewayEmbed = true;

  const links = new URL("embed/", script.src).href;
  const events = new URL("api/events", script.src).href;
  const frames = document.getElementsByTagName("iframe"); // live
  const states = new WeakMap();
  const entry = performance.getEntriesByType("navigation")[0];
  let isRestoring = Boolean(entry) && entry.type === "back_forward";
  let reports = 0;

  function linkIn(text) {
    if (!text) return null;
    try {
      const url = new URL(text, document.baseURI).href;
      return url.startsWith(links) ? url : null;
    } catch (_) {
      return null;
    }
  }

  function linkOf(frame) {
    return linkIn(frame.getAttribute("data-sigma-link")) || linkIn(frame.getAttribute("src"));
  }

  function randomName() {
    return "sg-" + Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("");
  }

  function adopt(frame, isNew) {
    const link = linkOf(frame);
    if (!link || states.has(frame)) return;
    // isAwaited: the next load is no surprise. Once Sigma is in a frame, its document is out of reach.
    const isAwaited = document.readyState !== "complete" || Boolean(frame.contentDocument);
    const state = { link, isAwaited, isRecovered: false, hasFailed: false, loadedAt: -Infinity, timer: 0 };
    state.navigatedAt = performance.now();
    states.set(frame, state);
    frame.addEventListener("load", () => onLoad(frame, state));
    if (isRestoring && !isNew) restore(frame, state);
  }

  // Inserted anew under a new name, a frame fits no history entry. (While Chromium loads a frame from its history, it
  // ignores a new `src`.) A name of the page's own comes back.
  function restore(frame, state) {
    const { parentNode, nextSibling, name } = frame;
    parentNode.removeChild(frame);
    frame.name = randomName();
    frame.src = state.link;
    awaitLoad(state);
    parentNode.insertBefore(frame, nextSibling);
    if (name && !name.startsWith("sg-")) frame.addEventListener("load", () => (frame.name = name), { once: true });
  }

  function awaitLoad(state) {
    clearTimeout(state.timer);
    state.timer = 0;
    state.isAwaited = true;
    state.hasFailed = false;
    state.navigatedAt = performance.now();
  }

  // Once until Sigma comes up again: never a loop. `replace` adds no history entry.
  function recover(frame, state) {
    clearTimeout(state.timer);
    if (state.isRecovered || !frame.contentWindow) return;
    awaitLoad(state);
    state.isRecovered = true;
    frame.contentWindow.location.replace(state.link);
  }

  function onLoad(frame, state) {
    const isUp = !state.hasFailed && performance.now() - state.loadedAt < LOADED_BEFORE_MS;
    const isForeign = !state.isAwaited && !isUp;
    state.isAwaited = false;
    if (!isForeign) return;
    clearTimeout(state.timer);
    state.timer = setTimeout(() => recover(frame, state), state.hasFailed ? 0 : LOADED_WITHIN_MS);
  }

  // Messages count only from the window of a frame with a link.
  function onMessage(event) {
    const message = event.data;
    const frame = Array.from(frames).find((one) => one.contentWindow === event.source);
    const state = frame && states.get(frame);
    if (!state || !message) return;
    if (message.type === "workbook:loaded") {
      clearTimeout(state.timer);
      Object.assign(state, { timer: 0, isRecovered: false, hasFailed: false, loadedAt: performance.now() });
    } else if (message.type === "workbook:error") {
      const code = String(message.code || "UNKNOWN").slice(0, 32);
      report(state.link, code);
      state.hasFailed = true;
      const isExpired = code === "EINVAL" && performance.now() - state.navigatedAt > EXPIRY_AFTER_MS;
      if (state.timer || isExpired) recover(frame, state);
    }
  }

  function report(link, code) {
    reports += 1;
    if (reports > REPORTS_MAX) return;
    const embed = decodeURIComponent(link.slice(links.length).split(/[/?#]/)[0]);
    const headers = { "Content-Type": "application/json" };
    fetch(events, { method: "POST", keepalive: true, headers, body: JSON.stringify({ embed, code }) }).catch(() => {});
  }

  // The page itself gave a frame another link.
  function onSourceChange(frame) {
    const state = states.get(frame);
    const link = linkOf(frame);
    if (!state || !link) return;
    awaitLoad(state);
    state.link = link;
  }

  // The gateway's own page around an embed: <div data-sigma-frame="LINK" data-title="TITLE"></div>
  function fillHolder(holder) {
    const link = linkIn(holder.getAttribute("data-sigma-frame"));
    if (!link || holder.firstElementChild) return;
    const frame = document.createElement("iframe");
    frame.name = randomName();
    frame.title = holder.getAttribute("data-title") || "";
    frame.src = link;
    adopt(frame, true);
    holder.appendChild(frame);
  }

  function look() {
    document.querySelectorAll("[data-sigma-frame]").forEach(fillHolder);
    Array.from(frames).forEach((frame) => adopt(frame, false));
  }

  const eachState = (act) => Array.from(frames).forEach((frame) => states.has(frame) && act(frame, states.get(frame)));

  new MutationObserver((changes) => {
    changes.forEach((change) => change.type === "attributes" && onSourceChange(change.target));
    look();
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["src"] });
  window.addEventListener("message", onMessage);
  window.addEventListener("load", () => {
    isRestoring = false; // later frames have no history
    // The page has waited for the first load of its frames.
    eachState((frame, state) => (state.isAwaited = frame.loading === "lazy" && state.isAwaited));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) eachState((frame, state) => state.hasFailed && recover(frame, state));
  });
  look();
})();
