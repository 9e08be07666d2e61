// Another person at the same browser: nothing of the one before is on show.

import { showsAfter } from './cases.mjs';

const PAGES = ['/way/slot', '/way/hand-written', '/way/createElement'];

export function personCases() {
  return PAGES.map((path) => ({
    name: `${path}: after a change of person, Back shows the second person's embed or none`,
    isApart: true,
    isQuick: path === '/way/hand-written',
    run: (reader, setting) => changesPerson(reader, setting, path),
  }));
}

async function changesPerson(reader, setting, path) {
  const { site } = setting.where;
  await showsAfter(reader, () => reader.open(site + path));
  await reader.signOut();
  await reader.signIn('ben');
  await showsAfter(reader, () => reader.open(`${site + path}?second`), { person: 'ben' });
  const mark = setting.sigma.mark();
  // As far back as it takes: the provider's pages are in the history too.
  const isFirst = async () => (await reader.address()).href === site + path;
  for (let steps = 0; steps < 8 && !(await isFirst()); steps += 1) {
    const from = (await reader.address()).href;
    await reader.play('history.back()');
    await reader.until('the page before', async () => (await reader.address()).href !== from, 3).catch(() => {});
  }
  if (!(await isFirst())) throw new Error(`the first page was not reached; ${reader.describe()}`);
  const shown = await setting.sigma.shows(mark, 1, 4).catch(() => []);
  const others = shown.filter(({ person }) => person !== 'ben@example.com');
  if (others.length > 0) throw new Error(`what is ${others[0].person}'s is on show again`);
  const opened = setting.sigma.openedSince(mark).filter(({ person }) => person !== 'ben@example.com');
  if (opened.length > 0) throw new Error(`Sigma was asked for ${opened[0].person}`);
}
