// What is minted, for whom, and what Sigma must be told: written by hand from Sigma's documents, not from the gateway.

import * as toml from '../shared/configuration.mjs';

export const { SIGMA } = toml;
const DOCUMENT = '28xgywpg21TkRWtz3jVRCe';

/// Each form: its embed, what a stable link adds (`rest`), the path at Sigma, and the parameters there as raw text.
export const forms = [
  { name: 'a whole workbook', embed: 'whole', path: `/acme/workbook/Revenue-${DOCUMENT}` },
  { name: 'a workbook without a name', embed: 'nameless', path: '/acme/workbook/4kQ0sYz9ZbWm2tXcV7uLpA' },
  { name: 'a page', embed: 'page', path: `/acme/workbook/Revenue-${DOCUMENT}/page/GHs4vJQxig` },
  { name: 'an element', embed: 'element', path: `/acme/workbook/Revenue-${DOCUMENT}/element/bAGJb_-0AS` },
  { name: 'a tagged version', embed: 'tag', path: `/acme/workbook/Revenue-${DOCUMENT}/tag/staging%20copy` },
  {
    name: 'a page of a tagged version',
    embed: 'tagpage',
    path: `/acme/workbook/Revenue-${DOCUMENT}/tag/v2/page/GHs4vJQxig`,
  },
  {
    name: 'a workbook of a wildcard',
    embed: 'any',
    rest: '/Costs-5pTf2QeRkLmN8sVwXyZ0aB',
    path: '/acme/workbook/Costs-5pTf2QeRkLmN8sVwXyZ0aB',
  },
  {
    name: 'an element of a wildcard',
    embed: 'any',
    rest: '/Costs-5pTf2QeRkLmN8sVwXyZ0aB/element/GHs4vJQxig',
    path: '/acme/workbook/Costs-5pTf2QeRkLmN8sVwXyZ0aB/element/GHs4vJQxig',
  },
  { name: 'Ask Sigma', embed: 'ask', path: '/acme/ask' },
  {
    name: 'interface parameters',
    embed: 'dressed',
    path: '/acme/workbook/Dressed-6qUg3RfSlMnO9tWxYzA1bC',
    parameters: {
      ':theme': 'Acme%20Dark',
      ':hide_menu': 'true',
      ':menu_position': 'top',
      ':lng': 'en-gb',
      ':responsive_height': 'true',
    },
  },
  {
    name: 'controls, one of them by the page',
    embed: 'controlled',
    query: '?Region=NL,BE&Secret=1&:theme=Light',
    path: '/acme/workbook/Controlled-7rVh4SgTmNoP0uXyZaB2cD',
    parameters: {
      Region: 'NL,BE',
      'Date-Range': 'min:2026-01-01,max:2026-03-31',
      Amount: '1%2C000',
      'Sales%20Rep': 'Zo%C3%AB%20%26%20Co',
      Active: 'true',
      Top: '7',
    },
  },
  {
    name: 'an end capped by the session',
    embed: 'long',
    path: '/wide/workbook/Long-8sWi5ThUnOpQ1vYzAbC3dE',
    organization: 'wide',
  },
];

/// The stable link's part after the embed's name.
export const restOf = (form) => (form.rest ?? '') + (form.query ?? '');
/// The form as a plain Sigma URL, as an application has it in its pages.
export const plainUrl = (form) => SIGMA + form.path + (form.query ?? '');

export const organizations = {
  acme: {
    clientId: '43deaaae5c1d9c189444a3a9aa113558e0e0676be71babb7391165e07945fadc',
    sessionLength: 3600,
    hasNames: true,
  },
  wide: { clientId: 'wide client/1+2=3', sessionLength: 30 * 86400, hasNames: false },
};
/// `session.max_age`: between the two organizations' session lengths.
export const SESSION_SECONDS = 8 * 3600;

/// Claims at the provider, and the claims at Sigma that follow from the mappings below.
export const people = {
  ana: {
    claims: {
      email: 'ana@example.com',
      groups: ['emea', 'finance'],
      given_name: 'Ana',
      family_name: 'Silva',
      region: 'EMEA',
      tenant: 7,
    },
    sigma: {
      teams: ['EMEA', 'Finance', 'tenant 7 viewers'],
      account_type: 'View',
      user_attributes: { region: 'EMEA', tenant_id: '7', list: 'a,b' },
    },
    names: { first_name: 'Ana', last_name: 'Silva' },
  },
  zoe: {
    claims: {
      email: 'zoe+tenant7@example.com',
      groups: ['finance'],
      given_name: 'Zoë',
      family_name: 'O’Neil "Ng" \\ 吴',
      region: 'Québec </script>',
      tenant: 't-8',
    },
    sigma: {
      teams: ['Finance', 'tenant 7 viewers'],
      account_type: 'View',
      user_attributes: { region: 'Québec </script>', tenant_id: 't-8', list: 'a,b' },
    },
    names: { first_name: 'Zoë', last_name: 'O’Neil "Ng" \\ 吴' },
  },
  ben: {
    claims: { email: 'ben@example.com', groups: ['sales'] },
    sigma: { teams: ['Sales'], account_type: 'Build' },
  },
  eve: {
    claims: {
      email: 'eve@example.com',
      groups: ['sigma-internal', 'other'],
      given_name: 'Eve',
      family_name: 'Holt',
      region: 'APAC',
      tenant: 9,
    },
    sigma: null, // an internal user: nothing but the four required claims and `iss`
    names: { first_name: 'Eve', last_name: 'Holt' },
  },
};

/// The claims that a person's token must have besides `jti`, `iat` and `exp`.
export function wantedClaims(person, form) {
  const { claims, sigma, names } = people[person];
  const { clientId, hasNames } = organizations[form.organization ?? 'acme'];
  const own = { sub: claims.email, iss: clientId };
  return sigma ? { ver: '1.1', aud: 'sigmacomputing', ...own, ...sigma, ...(hasNames ? names : {}) } : own;
}

const PARAMETERS = [
  'theme = "Acme Dark"',
  'hide_menu = true',
  'menu_position = "top"',
  'lng = "en-gb"',
  'responsive_height = true',
];
const CONTROLS = [
  'Region = "EMEA,APAC"',
  'Date-Range = "min:2026-01-01,max:2026-03-31"',
  'Amount = "1%2C000"',
  '"Sales Rep" = "Zoë & Co"',
  'Active = true',
  'Top = 7',
];

/// The gateway's configuration for all of it.
export function configuration({ ports, issuer, deliver = 'signed' }) {
  const embed = (name, key, more) => toml.embed(name, SIGMA + key, more);
  const path = (name) => forms.find((form) => form.embed === name).path;
  const single = forms.filter(({ embed: name }) => !['any', 'dressed', 'controlled'].includes(name));
  const embeds = [...new Set(forms.map((form) => form.embed))];
  const session = `max_age = "${SESSION_SECONDS}s"`;
  const url = `http://crm.localhost:${ports.gateway}`;
  return `
${toml.listen({ address: `127.0.0.1:${ports.gateway}`, admin: ports.admin, session })}
${toml.organization({ clientId: organizations.acme.clientId, more: 'names = true' })}
[sigma.wide]
client_id = "${organizations.wide.clientId}"
secret = { file = "wide.secret" }
session_length = "30d"
${toml.identity({ issuer, clientId: 'sigma-gateway' })}
${single.map((form) => embed(form.embed, form.path)).join('')}
${embed('any', '/acme/workbook/*')}
${embed('dressed', path('dressed'), `parameters = { ${PARAMETERS.join(', ')} }`)}
${embed('controlled', path('controlled'), `page_controls = ["Region"]\ncontrols = { ${CONTROLS.join(', ')} }`)}
[[mapping]]
name = "sales"
when = { groups = ["sales"] }
teams = ["Sales"]
account_type = "Build"
[[mapping]]
name = "finance"
when = { groups = ["finance"] }
teams = ["Finance", "tenant 7 viewers"]
account_type = "View"
user_attributes = { region = "{region}", tenant_id = "{tenant}", list = "a,b" }
[[mapping]]
name = "emea"
when = { groups = ["emea"] }
teams = ["EMEA"]
[[mapping]]
name = "internal"
when = { groups = ["sigma-internal"] }
user = "internal"
${toml.site({ url, upstream: ports.host, embeds, more: `deliver = "${deliver}"` })}
${toml.widgetsJson('/api/')}`;
}
