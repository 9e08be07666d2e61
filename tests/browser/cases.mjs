// The cases: each is a sentence and a visit. `run` gets a signed-out visitor with a browser context of its own.

import { request } from '../shared/http.mjs';
import { afterRefusal, afterSignOut, atTheChoice, notAnAnswer } from './fragments.mjs';
import { isReplayed, textOf } from './visitor.mjs';

const ANA = { person: 'ana', teams: ['Finance'], accountType: 'View' };
const BEN = { person: 'ben', teams: ['Sales'], accountType: 'Build' };

/// Where a page of the CRM has an embed.
const SLOTS = [
  { slot: 'attribute', path: '/dashboard' },
  { slot: 'plain link', path: '/links' },
  { slot: 'insert', path: '/customers/acme' },
];
const DELIVERIES = ['link', 'signed'];
/// A page of the CRM without an embed.
const ELSEWHERE = '/notes';
/// The embed page waits this long for Sigma's own sign of life before its one recovery.
const RECOVERY_SECONDS = 35;

/// Every case, in an order in which the first failures tell most.
export function cases() {
  const found = [];
  for (const deliver of DELIVERIES) {
    for (const { slot, path } of SLOTS) found.push(...slotCases(deliver, slot, path));
    found.push(...siteCases(deliver));
  }
  found.push(...fragmentCases());
  return found;
}

function slotCases(deliver, slot, path) {
  const name = (sentence) => `${deliver}, ${slot}: ${sentence}`;
  return [
    ...(deliver === 'signed' ? signedCases(name, path) : linkCases(name, path)),
    {
      name: name('who has no mapping uses the application and reads why there is no embed'),
      run: (visitor, site) => unmapped(visitor, site[deliver], path),
    },
  ];
}

function linkCases(name, path) {
  return [
    {
      name: name('the embed is live at first sight, after a reload, after Back and after Forward'),
      run: (visitor, site) => liveThroughHistory(visitor, site.link, path),
    },
    {
      name: name('a frame that is reloaded alone is live again after one recovery'),
      run: (visitor, site) => frameReload(visitor, site.link, path),
    },
  ];
}

/// Nothing of the gateway's is in such a page, so Back and a reload of the frame ask for the used URL: its known cost.
function signedCases(name, path) {
  return [
    {
      name: name('the embed is live at first sight and after a reload'),
      run: (visitor, site) => liveAndReloaded(visitor, site.signed, path),
    },
  ];
}

function fragmentCases() {
  const name = (sentence) => `fragment: ${sentence}`;
  return [
    {
      name: name('a page that refuses an account hands it on to the sign-in of another'),
      run: (visitor, site) => afterRefusal(visitor, site.link),
    },
    { name: name('the page to choose hands it on, by link and by form'), run: atTheChoice },
    { name: name('the signed-out page hands it on'), run: (visitor, site) => afterSignOut(visitor, site.link) },
    {
      name: name("a provider's answer there is not handed on"),
      run: (visitor, site) => notAnAnswer(visitor, site.link),
    },
  ];
}

async function liveAndReloaded(visitor, site, path) {
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', path));
  await visitor.seesEmbed(ANA, () => visitor.reload());
}

function siteCases(deliver) {
  const name = (sentence) => `${deliver}: ${sentence}`;
  return [
    {
      name: name('the stable link at top level is live, and again after each F5'),
      run: (v, site) => stableLink(v, site[deliver]),
    },
    { name: name('a link to Sigma in a page leads to a live embed'), run: (v, site) => anchor(v, site[deliver]) },
    { name: name('a second person sees other teams'), run: (v, site) => secondPerson(v, site[deliver]) },
    { name: name('a copied embed URL shows the replay page'), run: (v, site) => copiedUrl(v, site[deliver]) },
    { name: name('after sign-out the page asks to sign in again'), run: (v, site) => signOut(v, site[deliver]) },
    { name: name('a Location to Sigma is live at first sight'), run: (v, site) => location(v, site[deliver], deliver) },
    { name: name('URLs in JSON are live at first sight'), run: (v, site) => json(v, site[deliver], deliver) },
  ];
}

async function liveThroughHistory(visitor, site, path) {
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', path));
  await visitor.seesEmbed(ANA, () => visitor.reload());
  await visitor.open(site + ELSEWHERE);
  // Back and Forward may restore the page with its live frame: no new opening is due then.
  await visitor.seesEmbed(ANA, () => visitor.step(-1, path), { opensNew: false });
  await visitor.step(1, ELSEWHERE);
  await visitor.seesEmbed(ANA, () => visitor.step(-1, path), { opensNew: false });
  await visitor.open(site + ELSEWHERE);
  await visitor.seesEmbed(ANA, () => visitor.open(site + path));
  await visitor.step(-1, ELSEWHERE);
  await visitor.seesEmbed(ANA, () => visitor.step(1, path), { opensNew: false });
}

async function frameReload(visitor, site, path) {
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', path));
  const reloadFrame = () => visitor.sigmaFrames()[0].evaluate(() => void setTimeout(() => location.reload()));
  await visitor.seesEmbed(ANA, reloadFrame, { replaysMax: 1, seconds: RECOVERY_SECONDS });
}

async function unmapped(visitor, site, path) {
  await visitor.signIn(site, 'dan', path);
  await visitor.until(
    'the application to be there',
    async () => (await textOf(visitor.page.mainFrame())).trim().length > 20,
  );
  await visitor.until('the frame to say why there is no embed', async () => {
    const inner = visitor.page.frames().filter((frame) => frame !== visitor.page.mainFrame());
    const texts = await Promise.all(inner.map(textOf));
    return texts.some((text) => /not_mapped/.test(text));
  });
  if (visitor.sigmaFrames().length > 0) throw new Error(`a frame went to Sigma\n${await visitor.describe()}`);
}

async function stableLink(visitor, site) {
  const path = '/sigma/embed/revenue';
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', path));
  for (let round = 0; round < 2; round += 1) await visitor.seesEmbed(ANA, () => visitor.reload());
  await visitor.open(site + ELSEWHERE);
  await visitor.seesEmbed(ANA, () => visitor.step(-1, path), { opensNew: false });
}

async function anchor(visitor, site) {
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', '/links'));
  const link = await visitor.until('a link with a stable address', () =>
    visitor.page.evaluate(() =>
      [...document.links].map((found) => found.href).find((href) => href.includes('/sigma/embed/')),
    ),
  );
  if (new URL(link).origin !== site) throw new Error(`the link leads to ${link}`);
  await visitor.seesEmbed(ANA, () => visitor.open(link));
  await visitor.seesEmbed(ANA, () => visitor.reload());
}

async function secondPerson(visitor, site) {
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', '/dashboard'));
  await visitor.signOut(site);
  await visitor.seesEmbed(BEN, () => visitor.signIn(site, 'ben', '/dashboard'));
}

async function copiedUrl(visitor, site) {
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', '/dashboard'));
  const copied = visitor.sigmaFrames()[0].url();
  if (!copied.includes('jwt=')) throw new Error(`the frame's URL has no token\n${await visitor.describe()}`);
  await visitor.open(copied);
  await visitor.until('the replay page', async () => isReplayed(await textOf(visitor.page.mainFrame())));
}

async function signOut(visitor, site) {
  await visitor.seesEmbed(ANA, () => visitor.signIn(site, 'ana', '/dashboard'));
  await visitor.signOut(site);
  await visitor.open(`${site}/dashboard`).catch((error) => visitor.mustHaveMoved(error));
  await visitor.until('to be asked to sign in', async () => {
    return visitor.origin() === visitor.provider.origin && (await visitor.provider.asks(visitor.page));
  });
}

async function location(visitor, site, deliver) {
  await visitor.signIn(site, 'ana');
  const open = () => visitor.open(`${site}/reports/old`);
  await visitor.seesEmbed(ANA, open, { mayAddressSigma: deliver === 'signed' });
  const wanted = deliver === 'signed' ? visitor.demo.sigma : site;
  if (visitor.origin() !== wanted) throw new Error(`the redirect went elsewhere\n${await visitor.describe()}`);
}

async function json(visitor, site, deliver) {
  await visitor.signIn(site, 'ana');
  await visitor.seesEmbed(ANA, () => visitor.open(`${site}/widgets`));
  const urls = await visitor.page.evaluate(async () => {
    const answer = await (await fetch('/api/widgets')).json();
    return answer.widgets.map((widget) => widget.url);
  });
  const isRewritten = (url) => {
    const { origin, pathname, search } = new URL(url, site);
    if (deliver === 'signed') return origin === visitor.demo.sigma && search.includes('jwt=');
    return origin === site && pathname.startsWith('/sigma/embed/');
  };
  if (!urls.some(isRewritten))
    throw new Error(`no URL was rewritten: ${urls.map((url) => url.split('?')[0]).join(', ')}`);
}

/// Seen from outside a browser: nobody is signed in, so the application is not there.
export async function isProtected(site) {
  const answer = await request(`${site}/dashboard`);
  return answer.status !== 200;
}
