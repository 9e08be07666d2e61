// What stands behind "#" reaches no server: pages of ours that stand before a sign-in hand it on, and it leads back
// there.

import * as toml from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';

const PART = '#/part-2?a=b%20c&d';
const OTHER = 'Sign in as somebody else';
const AGAIN = 'Sign in again';

/// Clicks a link of the page by what it says.
async function follow(visitor, label) {
  await visitor.until(`a link "${label}"`, () => visitor.page.evaluate(has, label));
  await visitor.page.evaluate(click, label).catch(() => {});
}

function has(label) {
  return [...document.links].some((link) => link.textContent === label && link.search.includes('fragment='));
}

function click(label) {
  setTimeout(() => [...document.links].find((link) => link.textContent === label).click());
}

/// Answers the provider, and lands at that very address.
async function landsAt(visitor, address, person) {
  await visitor.until(
    `the address ${address}`,
    async () => {
      if (visitor.page.url() === address) return true;
      if (visitor.origin() === visitor.provider.origin) await visitor.provider.answer(visitor.page, person);
      return false;
    },
    { seconds: 30, every: 250 },
  );
}

/// A page that refuses an account: the sign-in of another one leads to the same part of the page.
export async function afterRefusal(visitor, site) {
  await visitor.signIn(site, 'dan');
  await visitor.open(`${site}/sigma/embed/revenue${PART}`);
  await follow(visitor, OTHER);
  await landsAt(visitor, `${site}/sigma/embed/revenue${PART}`, 'ana');
}

/// A page that is opened just after a sign-out says so first.
export async function afterSignOut(visitor, site) {
  await visitor.signIn(site, 'ana');
  await visitor.signOut(site);
  await visitor.page.evaluate(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: as the gateway has set it on the way back.
    document.cookie = '__Host-sg-o=1; Secure; Path=/';
  });
  await visitor.open(`${site}/notes${PART}`);
  await follow(visitor, AGAIN);
  await landsAt(visitor, `${site}/notes${PART}`, 'ana');
}

/// What a provider answers behind "#" goes nowhere.
export async function notAnAnswer(visitor, site) {
  await visitor.open(`${site}/oauth2/callback#code=c&state=s`);
  const found = await visitor.page.evaluate(() => [...document.links].map((link) => link.href));
  if (found.length === 0 || found.some((href) => href.includes('fragment=')))
    throw new Error(`the answer is in a link, or there is none: ${found}\n${await visitor.describe()}`);
}

/// The page to choose one of two providers, in front of a gateway of its own: its links and its form lead there.
export async function atTheChoice(visitor, { base, binary }) {
  const [port, admin] = [base + 12, base + 13];
  const site = `http://choice.localhost:${port}`;
  const folder = temporaryFolder('choice', {
    'gateway.toml': choiceOfTwo(site, { port, admin, silent: base + 14 }),
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'oidc.secret': 'secret',
  });
  const gateway = await startGateway({ binary, folder, admin });
  try {
    await visitor.open(`${site}/notes${PART}`);
    const found = await visitor.page.evaluate(() => [
      ...[...document.links].map((link) => link.href),
      ...[...document.forms].map((form) => `${form.action}?${new URLSearchParams(new FormData(form))}`),
    ]);
    const places = found.map((url) => new URL(url).searchParams);
    const leadsBack = (place) => place.get('rd') === '/notes' && `#${place.get('fragment')}` === PART;
    if (places.length !== 3 || !places.every(leadsBack)) throw new Error(`the page leads to ${found.join(', ')}`);
  } finally {
    await gateway.stop();
  }
}

/// Neither provider is there: nobody gets further than the page.
function choiceOfTwo(site, { port, admin, silent }) {
  const issuer = `http://127.0.0.1:${silent}`;
  return [
    toml.listen({ address: `127.0.0.1:${port}`, admin }),
    toml.organization({ clientId: 'c' }),
    toml.identity({ issuer, clientId: 'one' }),
    toml.identity({ issuer, clientId: 'two' }).replace('identity.corp', 'identity.partners'),
    toml.embed('revenue', toml.SIGMA + toml.WORKBOOK),
    toml.finance(),
    toml.site({
      url: site,
      upstream: silent,
      embeds: ['revenue'],
      more: 'sign_in = ["corp", "partners"]\nask_email = true',
    }),
  ].join('');
}
