// Service workers of the application: what they fetch and keep is no way around anything.

import assert from 'node:assert/strict';
import { mintsNothing, showsAfter } from './cases.mjs';
import { LINK } from './ways.mjs';

const WORKERS = ['pass-through', 'cache-first', 'network-first'];
const PAGE = '/way/hand-written';

export function workerCases() {
  return [
    ...WORKERS.map((name) => ({
      name: `${name} worker: on show at first sight, after a reload and after Back`,
      isApart: true,
      isQuick: name === 'cache-first',
      run: (reader, { where }) => liveBehind(reader, where.site, name),
    })),
    {
      name: 'pass-through worker: who is signed out comes to sign in, and to the page',
      isApart: true,
      isQuick: true,
      run: signsIn,
    },
    {
      name: 'pass-through worker: the sign-out link comes to the question whether to sign out',
      isApart: true,
      run: asksToSignOut,
    },
    {
      name: 'pass-through worker: a frame has words for who is signed out, and never the provider',
      isApart: true,
      run: wordsInFrame,
    },
    {
      name: 'a worker and a script that fetch the stable link get no signed URL',
      isQuick: true,
      run: fetchesNothing,
    },
  ];
}

async function install(reader, site, name) {
  await reader.open(`${site}/elsewhere`);
  await reader.page.evaluate(async (script) => {
    const controlled = new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done));
    await navigator.serviceWorker.register(script, { scope: '/' });
    await controlled;
  }, `/worker/${name}.js`);
}

async function liveBehind(reader, site, name) {
  await install(reader, site, name);
  await showsAfter(reader, () => reader.open(site + PAGE));
  await showsAfter(reader, () => reader.reload());
  await reader.open(`${site}/elsewhere?away`);
  await showsAfter(reader, () => reader.step(-1, () => reader.isAt(PAGE)));
  // What a cache-first worker has kept is shown again: nothing in it is used already.
  await reader.open(`${site}/elsewhere?again`);
  await showsAfter(reader, () => reader.open(site + PAGE));
}

async function signsIn(reader, { where, provider }) {
  await install(reader, where.site, 'pass-through');
  await signOutByScript(reader);
  provider.comes('ana');
  await reader.open(where.site + PAGE).catch(() => {});
  await showsAfter(reader, () =>
    reader.until('the page', async () => {
      if (await reader.isAt(PAGE)) return true;
      await provider.answer(reader.page);
      return false;
    }),
  );
}

async function signOutByScript(reader) {
  const status = await reader.page.evaluate(async () => {
    const headers = { 'X-Requested-With': 'XMLHttpRequest' };
    await fetch('/oauth2/sign_out', { method: 'POST', headers, redirect: 'manual' });
    return (await fetch('/oauth2/userinfo')).status;
  });
  assert.equal(status, 401, 'still signed in');
}

async function asksToSignOut(reader, { where }) {
  await install(reader, where.site, 'pass-through');
  await reader.open(`${where.site}/oauth2/sign_out`).catch(() => {});
  const asks = () => reader.page.evaluate("Boolean(document.querySelector('form[method=post i] button'))");
  await reader.until('the question', async () => (await reader.isAt('/oauth2/sign_out')) && asks());
  await reader.open(`${where.site}/elsewhere`);
  assert.equal(await reader.page.evaluate("fetch('/oauth2/userinfo').then(({ status }) => status)"), 200);
}

async function wordsInFrame(reader, { where, provider, sigma }) {
  await install(reader, where.site, 'pass-through');
  await signOutByScript(reader);
  provider.comes('ana');
  const mark = sigma.mark();
  for (const path of ['/reports/revenue.aspx', LINK]) {
    await reader.page.evaluate((source) => {
      document.body.replaceChildren(Object.assign(document.createElement('iframe'), { src: source }));
    }, path);
    await reader.until('words with a link', () => reader.inDocuments(hasSignInLink, path));
    const away = reader.page
      .frames()
      .filter((frame) => /^https?:/.test(frame.url()) && !frame.url().startsWith(where.site));
    assert.deepEqual(away, []);
  }
  assert.deepEqual(sigma.openedSince(mark), []);
}

const hasSignInLink = (view, path) =>
  view.location.pathname === path && Boolean(view.document.querySelector('a[href*="/oauth2/start"][target]'));

async function fetchesNothing(reader, setting) {
  const { site, sigma } = setting.where;
  await reader.open(`${site}/elsewhere`);
  const texts = await mintsNothing(setting, () =>
    reader.page.evaluate(async (link) => {
      const ways = [{}, { redirect: 'manual' }, { headers: { Accept: 'text/html' } }, { mode: 'same-origin' }];
      const read = (how) => fetch(link, how).then((answer) => answer.text(), String);
      return Promise.all(ways.map(read));
    }, LINK),
  );
  for (const text of texts) assert.ok(!text.includes(`${sigma}/acme/workbook`), 'a signed URL was readable');
}
