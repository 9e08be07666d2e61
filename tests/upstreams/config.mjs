// One site for each server and each preset of identity headers.

import { PRESETS } from './spellings.mjs';

export function configuration({ gateway, admin, issuer, servers }) {
  const sites = servers.flatMap(({ name, port }) => Object.keys(PRESETS).map((preset) => site({ name, port, preset, gateway })));
  return `
[listen]
address = "127.0.0.1:${gateway}"
admin = "127.0.0.1:${admin}"

[session]
keys = [{ file = "session.key" }]

[sigma.acme]
client_id = "3f0e7c526d0b4c6e9a7e2f1f"
secret = { file = "sigma.secret" }

[identity.login]
type = "oidc"
issuer = "${issuer}"
client_id = "sigma-gateway"
client_secret = { file = "oidc.secret" }
email_domains = ["example.com"]

[embed.revenue]
url = "https://app.sigmacomputing.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe"
allow = "mapped"

[[mapping]]
name = "finance"
when = { groups = ["finance"] }
teams = ["Finance"]
account_type = "View"
${sites.join('')}`;
}

const site = ({ name, port, preset, gateway }) => `
[[site]]
url = "http://${name}-${preset}.localhost:${gateway}"
upstream = "http://127.0.0.1:${port}"
identity_headers = "${preset}"
embeds = ["revenue"]
[[site.route]]
path = "/public/"
access = "public"
`;
