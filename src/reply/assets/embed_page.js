// The embed page: one dashboard of Sigma's, kept alive in a frame.
//
// A signed URL works once, and browsers ask again for what a frame has shown last. So Sigma stands one frame further
// down, in a frame that this script makes under a name that no entry of a history fits. The page around us sees Sigma:
// messages pass both ways as if there were no page between them.
(() => {
  'use strict';

  const PATIENCE_MS = 20000; // for an answer, and for a sign of life from Sigma: then the reader is offered a way on
  const SWAPPED_WITHIN_MS = 60000; // then a renewal is given up; Sigma's cold starts take 30 s
  const CHECK_EVERY_MS = 2000;
  const WAKE_WITHIN_MS = 1000; // frames that wake together ask one after the other
  const QUIET_MS = 5000; // a renewal waits until the reader's hands rest, but not longer than
  const LAST_CALL_MS = 40000; // before the end
  const DROPS_MAX = 2; // renewals that a change overtakes
  const EXPIRY_SPREAD_MS = 5000;
  const LOADED_BEFORE_MS = 2000; // "workbook:loaded" may come this much before its load event
  const RENEW_BEFORE_MS = 120000; // or a third of a shorter life
  const LIFE_MIN_MS = 30000; // whatever the server says: never one URL after the other
  const WHO_EVERY_MS = 60000; // a tab that is seen again asks who looks, but not each time
  const RECOVER_EVERY_MS = 300000; // one recovery, never a loop
  const [RETRY_MIN_MS, RETRY_MAX_MS] = [4000, 300000]; // doubled by each failure, for ever
  const [STATE_CHARACTERS_MAX, HASH_CHARACTERS_MAX] = [4000, 500];
  const REPORTS_MAX = 20;
  const [HEIGHT_MIN, HEIGHT_MAX] = [100, 20000];
  const HEIGHTS_MAX = 20; // for each thing that the reader does: a workbook may grow with its frame, for ever

  // Sigma's codes (`workbook:error`).
  const CODES = ['EACCES', 'EEXIST', 'EINVAL', 'ENOENT', 'EPERM', 'ESTALE', 'ETIMEDOUT', 'NETWORK', 'UNKNOWN'];
  const PASSING = ['ETIMEDOUT', 'NETWORK', 'UNKNOWN', 404, 408, 425, 429]; // and every 5xx

  const holder = document.getElementById('embed');
  const config = JSON.parse(holder.textContent);
  holder.remove(); // it holds a URL that works once
  const { words } = config; // in the reader's language
  const status = document.querySelector('[role=status]');
  const postToUs = window.postMessage;
  const isSandboxed = window.origin === 'null';
  // The page around us, if it is of our origin: with no other do we speak.
  const host = parent !== window && read(() => parent.location.href) ? parent : null;
  const close = { label: words.embed_close, onclick: () => say('') };
  const again = { label: words.embed_try_again, onclick: askAgain };
  const inTab = { label: words.open_in_tab, href: location.href, target: '_blank', rel: 'noopener' };

  let live = null; // the view on show
  let next = null; // its successor, behind it until Sigma says that it is up
  let kept = read(() => history.state)?.sigma || {}; // { person, explore, bookmark, controls, page }
  let [isAsking, isInDoubt] = [false, false]; // in doubt is whether the same person looks
  let [retryAt, recoveredAt, knownAt] = [0, -Infinity, 0];
  let era = 0; // an answer to a question of an earlier one is none
  let [failures, failedAt, drops, reports, heights] = [0, 0, 0, 0, 0];

  // Commas and colons separate values (EMEA,APAC; min:1,max:9): Sigma wants them as they are.
  const escaped = (text) => encodeURIComponent(text).replace(/%2C/g, ',').replace(/%3A/g, ':');
  const store = () => read(() => history.replaceState({ ...history.state, sigma: kept }, ''));
  const hold = (isHeld) => document.body.classList.toggle('held', isHeld);
  const spread = () => 0.5 + Math.random() / 2; // the frames of a page came together, and should not go together

  // What a window of another origin does not tell is undefined.
  function read(get) {
    try {
      return get();
    } catch {
      return undefined;
    }
  }

  // An action is { label, href, target } or { label, onclick }. Without a text, there are no words.
  function say(text, actions = [], code = '') {
    status.textContent = text;
    for (const { label, ...action } of actions) {
      const made = document.createElement(action.href ? 'a' : 'button');
      status.append(' ', Object.assign(made, action, { textContent: label }));
    }
    if (code) status.append(` ${words.reason}: ${code}`);
  }

  // Where the person is: in the outermost page of our origin. Signing in leads back to it, not to us.
  function place() {
    const seen = [() => top.location.href, () => parent.location.href].map(read).find(Boolean);
    const { pathname, search, hash } = new URL(seen || location.href);
    return pathname + search + (hash.length <= HASH_CHARACTERS_MAX ? hash.replace(/\\/g, '%5C') : '');
  }

  function signIn(loginUrl, label) {
    const url = new URL(loginUrl, location.href);
    if (url.searchParams.has('rd')) url.searchParams.set('rd', place());
    return { label, href: url.href, target: '_top' };
  }

  const isPassing = (code) => PASSING.includes(code) || code >= 500;

  // What the page around us does to its frames, where that may be why nothing is to be seen.
  function hindrance() {
    if (isSandboxed) return words.embed_sandbox;
    return window.credentialless && words.embed_credentialless;
  }

  // Gives { url, life, ends }, or { text, actions, code, isFinal }: why there is none, and whether it passes by itself.
  async function ask() {
    if (isSandboxed) return { text: hindrance(), actions: [inTab], isFinal: true };
    try {
      const [answer, body] = await request('POST', config.api); // a service worker may keep a GET for ever
      const isCut = answer.ok && !body && /json/.test(answer.headers.get('Content-Type'));
      if (!isCut && (!answer.ok || !body)) return refused(answer.status, body);
      return arrived(body, Date.parse(answer.headers.get('Date')) / 1000);
    } catch {
      return { text: words.embed_no_answer, actions: [again] };
    }
  }

  // Gives the answer, and its JSON. A redirect or a page is the sign-in of a proxy before us.
  async function request(method, path) {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), PATIENCE_MS);
    const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };
    const answer = await fetch(path, { method, headers, cache: 'no-store', redirect: 'manual', signal: abort.signal });
    return [answer, await answer.json().catch(() => null)];
  }

  // Takes away the views of whoever is no longer here. A tab that was only out of sight stays as it is while there is
  // no answer; a page that came back from the history has nothing on show until there is one.
  async function askWho() {
    [knownAt, isInDoubt] = [Date.now(), false];
    const mine = era;
    const [answer, body] = await request('GET', `${config.person}?${knownAt}`).catch(() => []); // for no cache to know
    if (mine !== era) return;
    if (answer?.ok && body?.email && body.email === kept.person) hold(false);
    else if (document.body.classList.contains('held') || (answer && !isPassing(answer.status))) leave();
    else isInDoubt = true;
  }

  function leave() {
    for (const view of [live, next]) view?.frame.remove();
    [live, next, retryAt] = [null, null, 0];
    era += 1;
    hold(false);
    check();
  }

  function refused(code, body) {
    const isFinal = !isPassing(code);
    const label = body?.reason === 'recheck_due' ? words.continue : words.sign_in;
    const actions = [body?.login_url ? signIn(body.login_url, label) : again];
    if (body?.message) return { text: body.message, actions, code: body.reason, isFinal };
    if (!isFinal) return { text: words.embed_not_now, actions, code };
    // A link to where we are would only go to its "#".
    const reload = () => !read(() => top.location.hash && (top.location.reload() ?? true));
    const wholePage = { label: words.embed_load_page, href: place(), target: '_top', onclick: reload };
    return { text: words.embed_signed_out, actions: [wholePage, again], isFinal };
  }

  // How long a URL lives is the server's word, from when on ours: the reader's clock may be wrong.
  function arrived({ url, expires_at: expiresAt }, now) {
    if (new URL(url).origin !== config.sigma) return { text: words.embed_wrong_address, isFinal: true };
    [knownAt, isInDoubt] = [Date.now(), false];
    const life = Math.max(LIFE_MIN_MS, (expiresAt - (now || Date.now() / 1000)) * 1000);
    return { url, life, ends: Date.now() + life };
  }

  // What the reader did goes from one URL to the next. Only the token is signed, so parameters can be set; each
  // replaces what the URL says of the same name.
  function withKept(url) {
    const person = personOf(url);
    if (!person || kept.person !== person) forget(person);
    const [base, query = ''] = url.split('?');
    const mine = keptPairs(base);
    const names = mine.map(([name]) => name).concat(kept.explore ? ':bookmark' : []);
    const isTheirs = (pair) => !names.includes(read(() => decodeURIComponent(pair.split('=')[0])));
    const theirs = query.split('&').filter(isTheirs);
    return `${base}?${[...theirs, ...mine.map((pair) => pair.map(escaped).join('='))].join('&')}`;
  }

  // Whose URL it is: what one person did is not put before another.
  function personOf(url) {
    const payload = /:jwt=[^.&]*\.([^.&]*)/.exec(url);
    return payload && read(() => JSON.parse(atob(payload[1].replace(/-/g, '+').replace(/_/g, '/'))).sub);
  }

  function keptPairs(base) {
    const { explore, bookmark, controls } = kept;
    const view = explore ? [[':explore', explore]] : bookmark ? [[':bookmark', bookmark]] : [];
    if (base.endsWith('/edit')) return view; // an editor takes no controls
    return view.concat(Object.entries(controls || {}).filter(([name]) => !name.startsWith(':')));
  }

  function forget(person) {
    kept = { person };
    if (read(() => history.state)) store();
  }

  const KEEPERS = {
    __proto__: null,
    'workbook:exploreKey:onchange': ({ exploreKey }) => ({ explore: exploreKey }),
    'workbook:bookmark:onchange': ({ bookmarkId }) => ({ bookmark: bookmarkId, explore: null }),
    'workbook:bookmark:ondelete': ({ bookmarkId }) => bookmarkId === kept.bookmark && { bookmark: null },
    'workbook:variables:onchange': ({ workbook }) => ({ controls: changed(workbook?.variables) }),
    'workbook:selectednodeid:onchange': ({ nodeType, selectedNodeId: page }) => nodeType === 'page' && { page },
    'workbook:id:onchange': () => ({ explore: null, bookmark: null, controls: {}, page: null }), // another workbook
  };

  function keep(message) {
    const after = { ...kept, ...KEEPERS[message.type]?.(message) };
    const text = JSON.stringify(after);
    if (text === JSON.stringify(kept) || text.length > STATE_CHARACTERS_MAX) return;
    kept = after;
    store();
    heights = 0;
    const now = Date.now();
    const last = live.ends - LAST_CALL_MS;
    retryAt = Math.max(retryAt, Math.min(now + QUIET_MS * 2 ** drops, last));
    if (next && drops < DROPS_MAX && now < last) drop(); // it was asked for before this change
  }

  // A control that nobody has touched follows the workbook.
  function changed(given) {
    const variables = given ?? {};
    const isChanged = ([name, value]) => name in (kept.controls || {}) || live.variables[name] !== value;
    const isText = ([, value]) => typeof value === 'string';
    return { ...kept.controls, ...Object.fromEntries(Object.entries(variables).filter(isText).filter(isChanged)) };
  }

  // A view is an inner frame, and what is known of it.
  function put({ url, life, ends }) {
    const frame = document.createElement('iframe');
    frame.name = `sg-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('')}`;
    Object.assign(frame, { title: config.title, allow: 'clipboard-read; clipboard-write; fullscreen' });
    Object.assign(frame, { className: 'next', inert: true }); // nothing takes the focus before it is on show
    frame.src = withKept(url);
    const before =
      config.renew === 'expiry' ? -EXPIRY_SPREAD_MS * Math.random() : Math.min(RENEW_BEFORE_MS, life / 3) * spread();
    const view = { frame, ends, renewAt: ends - before, since: Date.now(), loads: 0, variables: {}, sent: kept };
    frame.addEventListener('load', () => onLoad(view));
    status.before(frame);
    return view;
  }

  function drop() {
    drops += 1;
    next.frame.remove();
    next = null;
  }

  function swap() {
    const old = live?.frame;
    [live, next, heights, drops] = [next, null, 0, 0];
    Object.assign(live.frame, { className: '', inert: false });
    if (document.activeElement === old) live.frame.focus();
    old?.remove();
    say('');
  }

  async function bring() {
    isAsking = true;
    if (!live) say(words.embed_loading);
    const mine = era;
    const answer = await ask();
    isAsking = false;
    if (mine !== era || live?.isAway) return check();
    show(answer);
  }

  // In front where there is nothing good to see, else behind.
  function show(answer) {
    if (!answer.url) return failed(answer);
    const { person } = kept;
    next = put(answer);
    if (!live || live.isBroken || kept.person !== person) swap();
  }

  function failed({ text, actions, code, isFinal }) {
    const isOver = !live || live.isBroken || Date.now() >= live.ends;
    failedAt = Date.now();
    retryAt = failedAt + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures) * spread();
    failures += 1;
    if (isFinal) retryAt = isOver ? failedAt + RETRY_MAX_MS * (0.5 + spread()) : live.ends;
    if (isOver) say(text, actions, code);
  }

  function askAgain() {
    [retryAt, recoveredAt] = [0, -Infinity];
    if (live) Object.assign(live, { renewAt: 0, isAway: false });
    check();
  }

  function check() {
    const now = Date.now();
    if (document.visibilityState !== 'visible') return; // nobody looks yet, or it is a prerendered page
    if (next && now - next.since > SWAPPED_WITHIN_MS) giveUp();
    if (live && !live.isHeard && now - live.since > PATIENCE_MS) onSilence();
    if (live && isInDoubt && now - knownAt >= WHO_EVERY_MS) askWho();
    if (!isAsking && !next && now >= retryAt && (!live || (now >= live.renewAt && !live.isAway))) bring();
  }

  // What has loaded, and said nothing bad, may be waiting to be seen: browsers draw nothing that is scrolled away.
  function giveUp() {
    if (next.loads) {
      failures = 0;
      return swap();
    }
    drop();
    failed({ text: words.embed_not_renewed, actions: [again, inTab] });
  }

  function onSilence() {
    live.isHeard = true; // said once
    if (live.loads) failures = 0; // some documents say nothing
    const back = { label: words.embed_back, onclick: askAgain };
    if (live.isAway) say(words.embed_left, [back, close]);
    else say(hindrance() || words.embed_nothing_yet, [inTab, again, close]);
  }

  // Gives whether there will be a recovery: at once, or as soon as somebody looks.
  function recover() {
    const now = Date.now();
    const isDue = now >= Math.min(live.renewAt, live.ends);
    if (!isDue && now - recoveredAt < RECOVER_EVERY_MS) return false;
    if (isDue && now < live.renewAt) return true; // its turn comes in a moment
    if (!isDue) recoveredAt = now;
    Object.assign(live, { isBroken: true, renewAt: 0 });
    retryAt = 0;
    if (next) swap();
    else check();
    return true;
  }

  // A load after the first is another page of Sigma's, "reload frame", which asks for the used URL again, or where a
  // link of the workbook leads: that is left alone.
  function onLoad(view) {
    view.loads += 1;
    if (view === next && !live.isUp) swap(); // some documents never say "loaded"
    if (view !== live || view.loads === 1 || !view.isUp || Date.now() - view.upAt < LOADED_BEFORE_MS) return;
    Object.assign(view, { isUp: false, isHeard: false, isAway: !view.isBroken, since: Date.now() });
    if (view.isAway && next) drop();
  }

  function onMessage(event) {
    const view = [live, next].find((one) => one?.frame.contentWindow === event.source);
    const message = event.data;
    if (!view || event.origin !== config.sigma || !message) return;
    Object.assign(view, { isHeard: true, isAway: false });
    if (message.type === 'workbook:pageheight:onchange') view.height = message.pageHeight;
    if (message.type === 'workbook:loaded') onLoaded(view, message.workbook?.variables || {});
    if ((message.type === 'workbook:error' && !onError(view, message.code)) || view !== live) return;
    relay(event);
    read(() => keep(message));
    read(fit);
  }

  function onLoaded(view, variables) {
    // A page of the workbook has no place in the URL; Sigma takes it as a message.
    const toPage = { type: 'workbook:selectednodeid:update', selectedNodeId: kept.page, nodeType: 'page' };
    if (!view.upAt && kept.page) view.frame.contentWindow.postMessage(toPage, config.sigma);
    const toValues = { type: 'workbook:variables:update', variables: kept.controls };
    if (!view.upAt && kept.controls !== view.sent.controls)
      view.frame.contentWindow.postMessage(toValues, config.sigma);
    failures = 0;
    Object.assign(view, { isUp: true, isBroken: false, upAt: Date.now(), variables });
    if (view === next) swap();
    say('');
  }

  // Gives whether the page around us hears of it: not of what is mended.
  function onError(view, said) {
    const code = CODES.find((known) => known === said) || 'UNKNOWN';
    const text = words[`sigma_${code.toLowerCase()}`];
    const isFinal = !isPassing(code);
    // What was kept may have broken it; a fault that passes has another cause at first.
    const mayBeKept = !view.upAt && Object.keys(kept).length > 1 && (isFinal || failures > 2);
    if (mayBeKept) forget(kept.person);
    report(code);
    if (view === next) {
      drop();
      failed({ text, actions: [again], code, isFinal: isFinal && !mayBeKept });
      return false;
    }
    if ((code === 'EINVAL' || mayBeKept) && recover()) return false;
    const isNews = !view.isBroken; // the next try of a broken one has its time already
    view.isBroken = !view.isUp || code === 'EINVAL';
    if (view.isBroken) view.renewAt = 0;
    if (view.isBroken && isNews) failed({ text, actions: [again, close], code, isFinal });
    else say(text, [again, close], code);
    return true;
  }

  function report(code) {
    reports += 1;
    if (reports > REPORTS_MAX || isSandboxed) return;
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ embed: config.embed, code });
    fetch(config.events, { method: 'POST', keepalive: true, headers, body }).catch(() => {});
  }

  // As the page around us would have had it from its own frame: of its realm, from Sigma's origin, with our window,
  // which is its `frame.contentWindow`.
  function relay(event) {
    read(() => {
      const data = host.structuredClone ? host.structuredClone(event.data) : event.data;
      const copy = { data, origin: event.origin, source: window, ports: Array.from(event.ports) };
      host.dispatchEvent(new host.MessageEvent('message', copy));
    });
  }

  // What the page around us says to `frame.contentWindow` is for Sigma. A page of another origin never gets this
  // function: the browser gives it its own.
  window.postMessage = (...call) => {
    const [message, target, transfer] = call;
    const options = target !== null && typeof target === 'object' ? target : { targetOrigin: target, transfer };
    const isForSigma =
      options.targetOrigin === '*' || read(() => new URL(options.targetOrigin).origin) === config.sigma;
    if (!isForSigma) postToUs.apply(window, call);
    else if (live) live.frame.contentWindow.postMessage(message, config.sigma, options.transfer || []);
  };

  // As high as the workbook's page, if the operator wants that.
  function fit() {
    const frame = config.fit && read(() => window.frameElement);
    const height = Math.min(HEIGHT_MAX, Math.max(HEIGHT_MIN, Math.ceil(live.height)));
    if (!frame || !height || frame.style.height === `${height}px` || heights >= HEIGHTS_MAX) return;
    heights += 1;
    frame.style.height = `${height}px`;
  }

  // Light or dark as the page around us is, not as the reader's system.
  function match() {
    const scheme = read(() => host.getComputedStyle(window.frameElement).colorScheme);
    if (scheme) document.documentElement.style.colorScheme = scheme;
  }

  function wake() {
    match();
    if (document.visibilityState !== 'visible') return;
    isInDoubt = true;
    retryAt = Math.min(retryAt, failedAt + RETRY_MIN_MS); // the reader may have signed in meanwhile, in another tab
    setTimeout(check, Math.random() * WAKE_WITHIN_MS);
  }

  // Back after a sign-out brings the whole page as it was.
  function onRestored() {
    era += 1;
    hold(true);
    wake();
    askWho();
  }

  addEventListener('message', onMessage);
  // Before all else: Sigma is what takes time.
  if (config.minted) show(arrived(config.minted, config.now));
  else say('');
  addEventListener('pagehide', () => hold(true));
  addEventListener('pageshow', (event) => event.persisted && onRestored());
  document.addEventListener('visibilitychange', wake);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', match);
  match();
  if (config.refusal) failed(refused(403, config.refusal));
  setInterval(check, CHECK_EVERY_MS);
  check();
})();
