// What a reader does with a page that holds an embed. Each action ends where the embed must be on show again.

import { setTimeout as after } from 'node:timers/promises';

/// `do` acts; whatever is on show after `mark` counts. It may give `{ mark, count, skipped, afterwards }`.
export const ACTIONS = [
  { name: 'first', do: first },
  // Before the driver's reload, which makes Firefox forget what it would do after the page's own.
  { name: 'own reload', do: ({ reader }) => reader.play('location.reload()') },
  { name: 'reload', do: ({ reader }) => reader.reload() },
  { name: 'F5', do: pressF5 },
  // Before the first Back: the driver's list of frames is wrong once a page has come back from the back/forward cache.
  { name: 'frame reload', do: frameReload, isOf: ({ way }) => !way.isAlone },
  { name: 'back in frame', do: backInFrame, isOf: ({ way }) => !way.isAlone && !way.isNameless },
  { name: 'back', do: back },
  { name: 'forward', do: forward, isOf: ({ way }) => !way.opensTab },
  { name: 'second tab', do: secondTab },
];

/// Opens the page of a way, as its reader would come to it.
export async function first({ reader, way, query }) {
  const { where } = reader.setting;
  await reader.open(`${where.site}/elsewhere?start`);
  if (way.links !== undefined) {
    await reader.open(`${where.site}${way.path}/start${query}`);
    await reader.click('#go');
    await reader.until('the page', () => reader.isAt(way.path));
    return {};
  }
  if (way.opensTab) {
    await reader.open(`${where.site}${way.path}${query}`);
    reader.use(await reader.newTab(() => reader.click('#tab')));
    return {};
  }
  await reader.open(`${where.site}${way.path}${query}`);
  if (way.isClicked) await clickAgain(reader);
  return {};
}

async function clickAgain(reader) {
  await reader.until('the frame to be filled', () => reader.hasFrame('/inner'));
  await reader.click('#go');
}

async function leavePage({ reader, way }) {
  const { pathname } = await reader.address();
  const left = reader.setting.sigma.onShow();
  if (way.isAlone) await reader.open(`${reader.setting.where.site}/elsewhere`);
  else await reader.click('#leave');
  await reader.until('to be elsewhere', async () => (await reader.address()).pathname.endsWith('/elsewhere'));
  // Libraries change the address before the page.
  await reader.setting.sigma.gone(left);
  return pathname;
}

export async function back(cell) {
  const { reader } = cell;
  const path = await leavePage(cell);
  await reader.setting.sigma.quiet();
  const mark = reader.setting.sigma.mark();
  await reader.step(-1, () => reader.isAt(path));
  return { mark };
}

export async function forward({ reader, way }) {
  const { pathname } = await reader.address();
  const isThere = async () => (await reader.isAt(pathname)) && !(way.isClicked && (await reader.hasFrame('/inner')));
  const { sigma } = reader.setting;
  const left = sigma.onShow();
  await reader.step(-1, async () => !(await isThere()));
  // As above: pjax that is called back before its answer has come leaves the embed on show, and brings no other.
  await sigma.gone(left);
  await sigma.quiet();
  const mark = sigma.mark();
  await reader.step(1, isThere);
  return { mark };
}

async function pressF5({ reader }) {
  await reader.page.evaluate('window.isOld = true');
  await reader.page.keyboard.press('F5');
  for (let look = 0; look < 10; look += 1) {
    await after(50);
    const isOld = await reader.page.evaluate(() => window.isOld === true).catch(() => false);
    if (!isOld) return {};
  }
  return { skipped: 'the driver cannot press it' };
}

async function frameReload({ reader }) {
  await reader.reloadFrame();
  return { count: 1 };
}

async function backInFrame({ reader }) {
  const { sigma } = reader.setting;
  let tab = null;
  const onPopup = (opened) => (tab = opened);
  reader.page.once('popup', onPopup);
  const length = await reader.page.evaluate(() => history.length);
  await reader.click('#into');
  await reader.until('the inner page', async () => tab || (await reader.hasFrame('/inner')));
  reader.page.off('popup', onPopup);
  if (tab) throw new Error('the frame is no target any more: a new tab came up');
  // Firefox keeps none for an <object>, with or without a gateway.
  if ((await reader.page.evaluate(() => history.length)) === length) return { skipped: 'the frame has no history' };
  await sigma.quiet();
  const mark = sigma.mark();
  await reader.play('history.back()');
  return { mark, count: 1 };
}

async function secondTab({ reader }) {
  const tab = await reader.newTab(() => reader.play('window.open(location.href)'));
  const { page } = reader;
  reader.use(tab);
  return { afterwards: () => reader.use(page) };
}

/// After a reload, a frame that links lead into may have its first page again, as without a gateway: then its reader
/// follows the link again.
export async function refill({ reader, way }, mark) {
  if (!way.isClicked) return;
  for (let look = 0; look < 40; look += 1) {
    await after(50);
    if (reader.setting.sigma.shownSince(mark).length > 0) return;
    if (look >= 10 && (await reader.hasFrame('/inner'))) return reader.click('#go');
  }
}
