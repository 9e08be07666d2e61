// Two sites in front of one host application: what was seen in the field was served under these tables. One gets stable
// links, the other signed URLs.

import * as toml from '../shared/configuration.mjs';

/// Sigma's origin as the cases write it. Nobody asks it anything.
export const SIGMA = 'http://sigma.localhost:39102';
export const REVENUE = `${SIGMA}/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe`;
export const CLIENT_ID = 'gateway';
export const CLIENT_SECRET = 'field-secret';

/// The site whose slots get stable links, and the one whose slots get signed URLs.
export const LINK = 'app.localhost';
export const SIGNED = 'signed.localhost';
/// A site without embeds, open to everybody: `/pub/` is forwarded as it comes.
export const PLAIN = 'plain.localhost';

/// `isTls`: the gateway ends TLS, and so speaks HTTP/2 too.
export function configuration({ gateway, admin, upstream, issuer, isTls = false }) {
  const origin = (host) => `${isTls ? 'https' : 'http'}://${host}:${gateway}`;
  const embeds = ['revenue', 'pipeline', 'any'];
  const site = (host, more) => toml.site({ url: origin(host), upstream, embeds, more: more + tables });
  return [
    toml.listen({ address: `127.0.0.1:${gateway}`, admin, more: `${isTls ? TLS : ''}[log]\naccess = "stdout"` }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f', more: `base_url = "${SIGMA}"\nsession_length = "1h"` }),
    toml.identity({ issuer, clientId: CLIENT_ID, scopes: ['openid', 'email'] }),
    toml.embed('revenue', REVENUE, 'page_controls = ["Region"]'),
    `[embed.pipeline]\nurl = "${SIGMA}/acme/workbook/Pipeline-7Kd2mVq9XcLrT4sBnW8yZa"\nallow = ["sales"]\n`,
    toml.embed('any', `${SIGMA}/acme/workbook/*`),
    toml.finance(),
    '[[mapping]]\nname = "sales"\nwhen = { groups = ["sales"] }\nteams = ["Sales"]\naccount_type = "Build"\n',
    site(LINK, 'deliver = "link"\n'),
    site(SIGNED, 'deliver = "signed"\n'),
    toml.site({ url: origin(PLAIN), upstream, embeds: [], more: toml.publicRoute('/') }),
  ].join('');
}

const TLS = 'tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }\n';

const insert = (place) => `
[[site.insert]]
path = "/ins/${place}/"
select = "#dashboard"
place = "${place}"
embed = "revenue"
`;
const json = (select, path = '/api/') => `\n[[site.json]]\npath = "${path}"\nselect = "${select}"\n`;

const tables = [
  insert('append'),
  insert('replace'),
  json('$.widgets[*].url'),
  json('$.url'),
  json('$.d.url', '/asmx/'),
  json('$.d[*].url', '/asmx/'),
  toml.publicRoute('/public/'),
  '\n[[site.route]]\npath = "/reports/revenue.aspx"\nembed = "revenue"\n',
].join('');
