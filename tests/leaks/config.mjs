// The configuration of the run: everything is on, and each secret is a canary.

import * as toml from '../shared/configuration.mjs';

export const { SIGMA } = toml;
export const WORKBOOK = SIGMA + toml.WORKBOOK;

/// `control` is the text that may be everywhere: it is part of an embed's name.
export function configuration({ ports, issuer, clientId, control, extra = '' }) {
  const embeds = ['revenue', control, 'closed', 'off', 'any'];
  const site = (name, deliver, upstream) =>
    toml.site({
      url: `http://${name}.localhost:${ports.gateway}`,
      upstream,
      embeds,
      more: `deliver = "${deliver}"${SITE}`,
    });
  return `
${toml.listen({ address: `127.0.0.1:${ports.gateway}`, admin: ports.admin })}
${toml.organization({ clientId, more: 'names = true' })}
${toml.identity({ issuer, clientId: 'sigma-gateway', secret: '{ env = "LEAKS_CLIENT_SECRET" }' })}
${toml.embed('revenue', WORKBOOK, 'page_controls = ["Region"]')}
${toml.embed(control, `${SIGMA}/acme/workbook/Control-6qUg3RfSlMnO9tWxYzA1bC`, 'open = "redirect"')}
[embed.closed]
url = "${SIGMA}/acme/workbook/Closed-7rVh4SgTmNoP0uXyZaB2cD"
allow = ["internal"]
${toml.embed('off', `${SIGMA}/acme/workbook/Off-8sWi5ThUnOpQ1vYzAbC3dE`, 'enabled = false')}
${toml.embed('any', `${SIGMA}/acme/workbook/*`)}
${toml.finance()}
[[mapping]]
name = "internal"
when = { groups = ["sigma-internal"] }
user = "internal"
${site('signed', 'signed', ports.host)}
${site('link', 'link', ports.host)}
${site('down', 'link', ports.nobody)}
${extra}
`;
}

const SITE = `
upstream_timeout = "1s"
forget_cookies = ["JSESSIONID"]
[[site.insert]]
path = "/insert/"
select = "div#dashboard"
place = "append"
embed = "revenue"
${toml.widgetsJson('/api/widgets')}
${toml.publicRoute('/public/')}
[[site.route]]
path = "/admin/"
access = { when = { groups = ["nobody"] } }
[[site.route]]
path = "/old-report"
embed = "revenue"
`;

/// Configurations that are refused, each with a secret where an operator might put it by mistake.
export function badConfigurations(good, misplaced) {
  return {
    'a secret inline': good.replace('{ env = "LEAKS_CLIENT_SECRET" }', `"${misplaced}"`),
    'a secret under an unknown key': good.replace('[identity.corp]', `[identity.corp]\npassword = "${misplaced}"`),
    'a secret in a line that is not TOML': good.replace('{ env = "LEAKS_CLIENT_SECRET" }', `${misplaced} "`),
    'an inline secret without its quote': good.replace('{ env = "LEAKS_CLIENT_SECRET" }', `"${misplaced}`),
    'a secret as a table of another kind': good.replace(
      '{ env = "LEAKS_CLIENT_SECRET" }',
      `{ value = "${misplaced}" }`,
    ),
    'an inline session key': good.replace('[{ file = "session.key" }]', `["${misplaced}"]`),
    'a secret twice': good.replace('names = true', `secret = "${misplaced}"`),
  };
}
