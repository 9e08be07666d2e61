// Another person at the same browser: nothing of the one before is on show.

import { showsAfter } from './cases.mjs';

const PAGES = ['/way/slot', '/way/hand-written', '/way/createElement'];

export function personCases() {
  return [
    ...PAGES.map((path) => ({
      name: `${path}: after a change of person, Back shows the second person's embed or none`,
      isApart: true,
      isQuick: path === '/way/hand-written',
      run: (reader, setting) => changesPerson(reader, setting, path),
    })),
    {
      name: 'one Back after a sign-out elsewhere shows no embed, and the way to sign in',
      isApart: true,
      isQuick: true,
      run: (reader, setting) => oneBack(reader, setting, ''),
    },
    {
      name: "one Back after a change of person elsewhere shows the second person's embed",
      isApart: true,
      isQuick: true,
      run: (reader, setting) => oneBack(reader, setting, 'ben'),
    },
    {
      name: 'one Back by the same person shows their embed',
      isApart: true,
      isQuick: true,
      run: (reader, setting) => oneBack(reader, setting, 'ana'),
    },
  ];
}

// The page with the embed is one step back, so that it comes from the back/forward cache where there is one.
async function oneBack(reader, setting, person) {
  const { site } = setting.where;
  await showsAfter(reader, () => reader.open(site + PAGES[1]));
  await reader.open(`${site}/elsewhere?away`);
  if (person !== 'ana') await elsewhere(reader, person);
  const mark = setting.sigma.mark();
  await reader.step(-1, () => reader.isAt(PAGES[1]));
  if (person === '') {
    await reader.until('a way to sign in', () => reader.inDocuments(hasSignIn));
    await setting.sigma.quiet();
  } else {
    await setting.sigma.shows(mark);
  }
  await reader.until('the views that are in sight', async () => (await inSight(reader)) === (person ? 1 : 0));
  const people = setting.sigma.shownSince(mark).map((one) => one.person);
  const expected = person ? [`${person}@example.com`] : [];
  if (String(people) !== String(expected)) throw new Error(`on show is what is ${people}'s, not ${expected}'s`);
}

/// Signs out, and in, in another tab.
async function elsewhere(reader, person) {
  const { page } = reader;
  reader.use(await reader.context.newPage());
  await reader.page.bringToFront();
  await reader.signOut();
  if (person) await reader.signIn(person);
  await reader.page.close();
  reader.use(page);
  await page.bringToFront();
}

const hasSignIn = (view) => Boolean(view.document.querySelector('[role=status] a[href*="/oauth2/start"]'));

function inSight(reader) {
  const count = (view) => {
    if (!view.location.pathname.startsWith('/sigma/embed')) return false;
    const isSeen = (frame) => view.getComputedStyle(frame).visibility === 'visible';
    return { seen: [...view.document.querySelectorAll('iframe')].filter(isSeen).length };
  };
  return reader.inDocuments(count).then((found) => found.seen);
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
