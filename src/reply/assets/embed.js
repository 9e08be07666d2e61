// Gives every Sigma frame of this page a fresh one-time URL when it needs one.
//
// A signed Sigma URL works once. The frame's stable link (below this script's folder) answers with a fresh one, but browsers
// remember the URL behind the link: after Back, Forward or "reload frame" they ask for the used one again. So this script
//   - after Back or Forward, renames each frame and navigates it to its link again;
//   - leaves a page restored from the back/forward cache alone: its frames are alive;
//   - navigates a frame to its link once when somebody else reloaded it and Sigma does not come up, or its session ran out;
//   - reports Sigma's error codes to the gateway (the code and the embed's name, nothing else).
(function () {
  "use strict";

  const LOADED_WITHIN_MS = 20000; // a frame that somebody reloaded must say "workbook:loaded" by then
  const LOADED_BEFORE_MS = 2000; // "workbook:loaded" may come this much before the frame's own load event
  const EXPIRY_AFTER_MS = 300000; // EINVAL says "expired" only this long after a navigation; earlier it is a bad parameter
  const REPORTS_MAX = 20;

  const script = document.currentScript;
  if (!script || window.sigmaGatewayEmbed) return; // a page may have the script twice
  window.sigmaGatewayEmbed = true;

  const links = new URL("embed/", script.src).href;
  const events = new URL("api/events", script.src).href;
  const frames = document.getElementsByTagName("iframe"); // a live collection
  const states = new WeakMap();
  const entry = performance.getEntriesByType("navigation")[0];
  let isRestoring = Boolean(entry) && entry.type === "back_forward";
  let reports = 0;

  // The stable link in a text, if it is one of this site's.
  function linkIn(text) {
    if (!text) return null;
    try {
      const url = new URL(text, document.baseURI).href;
      return url.startsWith(links) ? url : null;
    } catch (_) {
      return null;
    }
  }

  // With signed delivery the link stands beside the (used) signed URL.
  function linkOf(frame) {
    return linkIn(frame.getAttribute("data-sigma-link")) || linkIn(frame.getAttribute("src"));
  }

  function randomName() {
    const words = crypto.getRandomValues(new Uint32Array(4));
    return "sg-" + Array.from(words, (word) => word.toString(36)).join("");
  }

  // Whether the frame's first load is still to come: cross-origin content is there once its document is out of reach.
  function isFirstLoadAhead(frame) {
    return document.readyState !== "complete" || Boolean(frame.contentDocument);
  }

  function adopt(frame) {
    const known = states.get(frame);
    const link = linkOf(frame);
    if (known || !link) return;
    const state = {
      link,
      isAwaited: isFirstLoadAhead(frame), // the next load is no surprise
      isRecovered: false, // navigated to the link again, and not loaded since
      hasFailed: false, // sent an error, and not loaded since
      loadedAt: -Infinity,
      navigatedAt: performance.now(),
      timer: 0,
    };
    states.set(frame, state);
    frame.addEventListener("load", () => onLoad(frame, state));
    if (isRestoring) restore(frame, state);
  }

  // After Back and Forward: a new name, so that no history entry fits, and the link anew. A name of the page's own stays.
  function restore(frame, state) {
    if (!frame.name || frame.name.startsWith("sg-")) frame.name = randomName();
    state.isAwaited = true;
    state.navigatedAt = performance.now();
    frame.src = state.link;
  }

  // Once, until Sigma comes up again: never a loop. `replace` leaves no history entry behind.
  function recover(frame, state) {
    clearTimeout(state.timer);
    state.timer = 0;
    if (state.isRecovered || !frame.contentWindow) return;
    state.isRecovered = true;
    state.isAwaited = true;
    state.hasFailed = false;
    state.navigatedAt = performance.now();
    frame.contentWindow.location.replace(state.link);
  }

  function onLoad(frame, state) {
    const isOurs = state.isAwaited;
    state.isAwaited = false;
    if (isOurs || performance.now() - state.loadedAt < LOADED_BEFORE_MS) return;
    clearTimeout(state.timer);
    if (state.hasFailed) recover(frame, state);
    else state.timer = setTimeout(() => recover(frame, state), LOADED_WITHIN_MS);
  }

  function onLoaded(state) {
    clearTimeout(state.timer);
    state.timer = 0;
    state.isRecovered = false;
    state.hasFailed = false;
    state.loadedAt = performance.now();
  }

  function onError(frame, state, code) {
    report(state.link, code);
    state.hasFailed = true;
    const isExpired = code === "EINVAL" && performance.now() - state.navigatedAt > EXPIRY_AFTER_MS;
    if (state.timer || isExpired) recover(frame, state);
  }

  function report(link, code) {
    reports += 1;
    if (reports > REPORTS_MAX) return;
    const embed = decodeURIComponent(link.slice(links.length).split(/[/?#]/)[0]);
    const body = JSON.stringify({ embed, code });
    const headers = { "Content-Type": "application/json" };
    fetch(events, { method: "POST", keepalive: true, credentials: "same-origin", headers, body }).catch(() => {});
  }

  // Messages count only from the window of a frame that has a link.
  function onMessage(event) {
    const message = event.data;
    if (!message || typeof message.type !== "string") return;
    const frame = Array.prototype.find.call(frames, (one) => one.contentWindow === event.source);
    const state = frame && states.get(frame);
    if (!state) return;
    if (message.type === "workbook:loaded") onLoaded(state);
    if (message.type === "workbook:error") onError(frame, state, String(message.code || "UNKNOWN").slice(0, 32));
  }

  // The page gave a frame another address: a new link is its business, anything else is no embed.
  function onSourceChange(frame) {
    const state = states.get(frame);
    const link = linkOf(frame);
    if (!state || !link) return;
    state.link = link;
    state.isAwaited = true;
    state.navigatedAt = performance.now();
  }

  // The gateway's own page around an embed: <div data-sigma-frame="LINK" data-title="TITLE"></div>
  function fillHolder(holder) {
    const link = linkIn(holder.getAttribute("data-sigma-frame"));
    if (!link || holder.firstElementChild) return;
    const frame = document.createElement("iframe");
    frame.name = randomName();
    frame.title = holder.getAttribute("data-title") || "";
    frame.src = link;
    holder.appendChild(frame);
  }

  function look() {
    document.querySelectorAll("[data-sigma-frame]").forEach(fillHolder);
    Array.from(frames).forEach(adopt);
  }

  const observer = new MutationObserver((changes) => {
    changes.forEach((change) => change.type === "attributes" && onSourceChange(change.target));
    look();
  });
  observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["src"] });

  window.addEventListener("message", onMessage);
  window.addEventListener("load", () => {
    isRestoring = false; // frames that come later have no history
    Array.from(frames).forEach((frame) => {
      const state = states.get(frame);
      if (state && frame.loading !== "lazy") state.isAwaited = false; // the page waited for their first load
    });
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    Array.from(frames).forEach((frame) => {
      const state = states.get(frame);
      if (state && state.hasFailed) recover(frame, state);
    });
  });
  look();
})();
