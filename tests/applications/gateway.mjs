// The gateway with one site for each application, as an operator would write it.

import fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { isThere, start } from './process.mjs';

/// Ports of one run, counted from `base`.
export function places(base) {
  return {
    base,
    wiki: { site: `http://wiki.localhost:${base}`, port: base + 10 },
    tomcat: { site: `http://tomcat.localhost:${base}`, port: base + 20 },
    flows: { site: `http://flows.localhost:${base}`, port: base + 30 },
    provider: base + 1,
    sigma: `http://sigma.localhost:${base + 2}`, // nobody answers there: what matters here is where the link leads
    admin: base + 3,
  };
}

export function sigmaUrl(where) {
  return `${where.sigma}/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe`;
}

export async function startGateway({ binary, folder, where, issuer }) {
  const write = (name, text) => fs.writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  write('gateway.toml', configuration(where, issuer));
  write('sigma.secret', randomBytes(32).toString('hex'));
  write('oidc.secret', 'demo-secret');
  write('session.key', randomBytes(32).toString('base64'));
  const answers = () => isThere(where.admin, '/readyz');
  return start({ name: 'the gateway', command: binary, args: ['serve', '--config', path.join(folder, 'gateway.toml')], cwd: folder, answers });
}

const configuration = (where, issuer) => `
[listen]
address = "127.0.0.1:${where.base}"
admin = "127.0.0.1:${where.admin}"

[session]
keys = [{ file = "session.key" }]

[sigma.acme]
client_id = "3f0e7c526d0b4c6e9a7e2f1f"
secret = { file = "sigma.secret" }
base_url = "${where.sigma}"

[identity.login]
type = "oidc"
issuer = "${issuer}"
client_id = "sigma-gateway"
client_secret = { file = "oidc.secret" }
email_domains = ["example.com"]
scopes = ["openid", "email", "profile", "groups"]

[embed.revenue]
url = "${sigmaUrl(where)}"
allow = "mapped"

[[mapping]]
name = "finance"
when = { groups = ["finance"] }
teams = ["Finance"]
account_type = "View"

[[site]]
url = "${where.wiki.site}"
upstream = "http://127.0.0.1:${where.wiki.port}"
embeds = ["revenue"]

[[site]]
url = "${where.tomcat.site}"
upstream = "http://127.0.0.1:${where.tomcat.port}"
upstream_host = "upstream"          # so it takes its own address for the public one, and redirects there
forget_cookies = ["JSESSIONID", "JSESSIONID; Path=/examples"]
embeds = ["revenue"]

[[site.insert]]                     # a page of somebody else's application
path = "/examples/servlets/index.html"
select = "body"
place = "append"
embed = "revenue"

[[site]]
url = "${where.flows.site}"
upstream = "http://127.0.0.1:${where.flows.port}"
embeds = ["revenue"]

[[site.json]]
path = "/api/widgets"
select = "$.widgets[*].url"
`;
