// What readers do with keys and with the browser's own window: F5, Back and Forward by key, tabs that are duplicated,
// closed and opened again, a browser that goes on where it ended.

import { once } from 'node:events';
import { launch } from '../shared/browsers.mjs';
import { temporaryFolder } from '../shared/gateway.mjs';
import { within } from '../shared/wait.mjs';
import { back, first, forward } from './actions.mjs';
import { Hands } from './hands.mjs';
import { cellsOf, observe, runMatrix } from './matrix.mjs';
import { isGood } from './record.mjs';
import { Screen } from './screen.mjs';
import { WAYS } from './ways.mjs';

export const KEY_HOSTS = ['cacheable', 'no-store'];
const KEY_WAYS = ['slot', 'hand-written', 'route', 'redirect', 'target', 'top level'];

/// In their order: a tab goes on in its duplicate, and that one is closed and opened again.
const ACTIONS = [
  { name: 'first', do: first },
  { name: 'F5', do: ({ reader }) => reader.reloadBy('F5') },
  { name: 'Ctrl+F5', do: ({ reader }) => reader.reloadBy('ctrl+F5') },
  { name: 'Alt+Left', do: back },
  { name: 'Alt+Right', do: forward },
  { name: 'duplicate', do: ({ reader }) => reader.duplicate() },
  { name: 'Alt+Right there', do: forward },
  { name: 'reopen', do: ({ reader }) => reader.reopen() },
];
const RESTORED = [
  { name: 'restored', do: nextTab },
  { name: 'Alt+Right in it', do: forward },
];
export const KEY_ACTIONS = [...ACTIONS, ...RESTORED].map(({ name }) => name);

const PREFS = {
  'browser.startup.page': 3, // the tabs of the last time
  'browser.tabs.warnOnClose': false,
  'browser.warnOnQuit': false,
};
const LAST = '/elsewhere?last';
const QUIT_SECONDS = 20;

/// One browser on a screen of its own, through everything. Nothing here is in a context that ends with the browser.
export async function runKeys({ browserName, backForwardCache, setting, hosts, actions, only, random, told }) {
  const screen = await Screen.open();
  const folder = temporaryFolder('sigma-gateway-profile');
  const { env, size } = screen;
  const args = ['--window-position=0,0', `--window-size=${size.width},${size.height}`, '--restore-last-session'];
  const start = () =>
    launch(browserName, { backForwardCache, args: [...args, '--test-type'], prefs: PREFS, desk: { env, folder } });
  let browser = null;
  try {
    browser = await start();
    const reader = await Hands.take({ browser, setting, screen });
    await reader.takeTab();
    await reader.signIn('ana');
    const ways = WAYS.filter(({ name }) => KEY_WAYS.includes(name) && name.includes(only));
    await runMatrix({ reader, ways, known: ACTIONS, hosts, actions, random, told });
    if (!RESTORED.some(({ name }) => actions.includes(name))) return;
    const cells = cellsOf(ways, hosts, random);
    await openAll(reader, cells, told);
    await quit(browser, screen);
    const mark = setting.sigma.mark();
    browser = await start();
    await restoreAll(await Hands.take({ browser, setting, screen }), cells, mark, told);
  } finally {
    await browser?.close().catch(() => {});
    await screen.stop();
  }
}

/// Each in a tab of its own, and one more in front.
async function openAll(reader, cells, told) {
  await reader.takeTab();
  for (const cell of cells) {
    const seen = await observe({ ...cell, reader }, ACTIONS[0]);
    if (!isGood(seen)) told([{ way: cell.way.name, host: cell.host, action: 'first', ...seen }]);
    reader.use(await reader.context.newPage());
    await reader.page.bringToFront();
  }
  await reader.open(reader.setting.where.site + LAST);
}

/// Closes the window, and with it the browser.
async function quit(browser, screen) {
  const ended = once(browser.process(), 'exit');
  await screen.press('ctrl+shift+w');
  await within(QUIT_SECONDS, 'the end of the browser', ended);
}

/// The tabs are there again, in their order: each is looked at in its turn.
async function restoreAll(reader, cells, mark, told) {
  const { sigma, where } = reader.setting;
  await reader.isBefore(where.site + LAST);
  await sigma.quiet();
  // What tabs did that nobody has looked at yet.
  told([{ way: '(start)', host: '', action: 'restored', replays: sigma.replaysSince(mark), problem: '' }]);
  for (const { way, host, query } of cells) {
    const seen = [];
    for (const action of RESTORED) {
      const observation = await observe({ reader, way, host, query }, action);
      seen.push({ way: way.name, host, action: action.name, ...observation });
      if (observation.problem) break;
    }
    told(seen);
  }
}

async function nextTab({ reader, way, query }) {
  await reader.nextTab();
  await reader.until('the page of the last time', async () => {
    const { pathname, search } = await reader.address();
    return pathname === way.path && search === query;
  });
}
