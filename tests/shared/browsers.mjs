// The two browsers, both driven by puppeteer-core: Chromium by CDP, Firefox by WebDriver BiDi.

import fs from 'node:fs';
import puppeteer from 'puppeteer-core';
import { within } from './wait.mjs';

const PATHS = {
  chromium: [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  firefox: [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'],
};

/// Launches a browser. Without `backForwardCache` every Back and Forward loads the page anew, which is the hard case.
/// `args` are further arguments of Chromium, `prefs` further preferences of Firefox. With `desk` it has a window on
/// the screen that `env` names, and its profile stays in `folder`.
export async function launch(name, { backForwardCache = false, args = [], prefs = {}, desk } = {}) {
  const executablePath = PATHS[name].find((path) => path && fs.existsSync(path));
  if (!executablePath)
    throw new Error(`${name} is not installed (looked for ${PATHS[name].filter(Boolean).join(', ')})`);
  const seen = desk ? onDesk(desk) : { headless: true, defaultViewport: { width: 1200, height: 800 } };
  const options = { executablePath, timeout: 60_000, ...seen };
  return name === 'chromium' ? chromium(options, backForwardCache, args) : firefox(options, backForwardCache, prefs);
}

/// Opens an address in the tab, until its document has been read.
///
/// The driver's own `goto` and `reload` also wait until the frames of the page before are told to be gone. Without the
/// back/forward cache, Firefox tells it of none where the next page has a `Cross-Origin-Opener-Policy`, as "signed out"
/// has: then they never end, on that page and on every later one of the tab. Firefox's answer to the command does.
export function visit(page, url) {
  const { browsingContext } = page.mainFrame();
  const visited = browsingContext?.navigate(url, 'interactive') ?? page.goto(url, { waitUntil: 'domcontentloaded' });
  // What may be a signed URL is not told as a whole.
  const { origin, pathname } = new URL(url);
  return within(page.getDefaultTimeout() / 1000, `opening ${origin}${pathname}`, visited);
}

/// Loads the page of the tab anew, until its document has been read.
export function reload(page) {
  const { browsingContext } = page.mainFrame();
  const loaded = browsingContext?.reload({ wait: 'interactive' }) ?? page.reload({ waitUntil: 'domcontentloaded' });
  return within(page.getDefaultTimeout() / 1000, 'loading the page anew', loaded);
}

/// As a person starts it: what comes up is up to the profile, not to the driver.
function onDesk({ env, folder }) {
  return {
    headless: false,
    defaultViewport: null,
    env: { ...process.env, ...env },
    userDataDir: folder,
    ignoreDefaultArgs: ['about:blank', '--enable-automation'],
  };
}

function chromium(options, backForwardCache, more) {
  const args = [
    ...more,
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-proxy-server',
  ];
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  if (!backForwardCache) args.push('--disable-features=BackForwardCache');
  return puppeteer.launch({ ...options, browser: 'chrome', args, protocolTimeout: 60_000 });
}

function firefox(options, backForwardCache, more) {
  const extraPrefsFirefox = {
    ...more,
    'network.proxy.type': 0,
    'browser.sessionhistory.max_total_viewers': backForwardCache ? 4 : 0,
    'fission.bfcacheInParent': backForwardCache,
  };
  return puppeteer.launch({ ...options, browser: 'firefox', extraPrefsFirefox, protocolTimeout: 60_000 });
}
