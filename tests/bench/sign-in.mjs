// A person's way through a proxy's sign-in and the provider's forms, once.

import { fillForm } from '../shared/form.mjs';
import { request, shown } from '../shared/http.mjs';
import { Jar } from '../shared/jar.mjs';

const STEPS_MAX = 20;

export const claimsOf = (id) => ({ email: `${id}@example.com`, email_verified: true, name: id, groups: ['finance'] });

/// Signs `ana` in at the proxy in front of `url`; gives the value of the `Cookie` header that a browser would send
/// there.
export async function signIn(url) {
  const jar = new Jar();
  let next = { url };
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const { location, page } = await ask(next, jar);
    if (location) next = { url: location };
    else if (page.status === 200 && page.url === url) return jar.header(url);
    else next = answerTo(page);
  }
  throw new Error(`sign-in for ${url} goes in circles`);
}

async function ask({ url, form }, jar) {
  const headers = { accept: 'text/html', cookie: jar.header(url) };
  const page = await request(url, { method: form ? 'POST' : 'GET', headers, form });
  jar.keep(url, page.headers['set-cookie']);
  const { location } = page.headers;
  return { page, location: location && new URL(location, url).href };
}

/// oidc-provider's development pages: a name, then consent.
function answerTo(page) {
  if (!page.text.includes('<form'))
    throw new Error(`sign-in stopped at ${shown(page.url)}: ${page.status} ${page.text.slice(0, 300)}`);
  const typed = page.text.includes('name="login"') ? { login: 'ana', password: 'any' } : {};
  const { action, fields } = fillForm(page.text, '<form', typed);
  return { url: new URL(action, page.url).href, form: fields };
}
