// The gateway as a child process, with a configuration for one provider.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ready, startChild } from './child.mjs';
import { request } from './http.mjs';
import { CLIENT } from './people.mjs';

export const SIGMA = { clientId: 'providers-suite', secret: randomBytes(32).toString('hex'), organization: 'acme' };

/// Where everything of a lane listens.
export function places(base) {
  return {
    site: `http://crm.localhost:${base}`,
    listen: `127.0.0.1:${base}`,
    admin: `http://127.0.0.1:${base + 1}`,
    sigma: `http://sigma.localhost:${base + 2}`, // nobody listens: signed URLs are looked at, not opened
    application: base + 3,
    provider: base + 10,
  };
}

/// Starts a gateway in `folder`. A second one in the same folder has the same session key.
export async function startGateway({ binary, folder, where, provider, settings = {} }) {
  fs.mkdirSync(folder, { recursive: true });
  const key = path.join(folder, 'session.key');
  if (!fs.existsSync(key)) secretFile(key, randomBytes(32).toString('base64'));
  secretFile(path.join(folder, 'sigma.secret'), SIGMA.secret);
  secretFile(path.join(folder, 'oidc.secret'), settings.clientSecret ?? CLIENT.secret);
  const file = path.join(folder, 'gateway.toml');
  fs.writeFileSync(file, configuration(where, provider, settings));
  const child = startChild(binary, ['serve', '--config', file]);
  await ready(child, 'the gateway to answer', async () => (await request(`${where.admin}/healthz`)).status === 200);
  return child;
}

/// Groups come as an array, roles as an array inside an object.
function configuration(where, provider, { maxAge = '1h' }) {
  return `
[listen]
address = "${where.listen}"
admin = "${new URL(where.admin).host}"

[session]
keys = [{ file = "session.key" }]
max_age = "${maxAge}"

[sigma.${SIGMA.organization}]
client_id = "${SIGMA.clientId}"
secret = { file = "sigma.secret" }
base_url = "${where.sigma}"

[embed.revenue]
url = "${where.sigma}/${SIGMA.organization}/workbook/Revenue-28xgywpg21TkRWtz3jVRCe"
allow = "mapped"

[identity.corp]
type = "oidc"
issuer = "${provider.issuer}"
client_id = "${CLIENT.id}"
client_secret = { file = "oidc.secret" }
email_domains = ["example.com"]
scopes = ${JSON.stringify(provider.scopes)}

[[mapping]]
name = "sales"
when = { "/realm_access/roles" = ["sales"] }
teams = ["Sales"]
account_type = "Build"

[[mapping]]
name = "finance"
when = { groups = ["${provider.groupName('finance')}"] }
teams = ["Finance"]
account_type = "View"

[[site]]
url = "${where.site}"
upstream = "http://127.0.0.1:${where.application}"
embeds = ["revenue"]
forget_cookies = ["JSESSIONID"]
identity_headers = "x-forwarded"
`;
}

function secretFile(file, text) {
  fs.writeFileSync(file, text, { mode: 0o600 });
}
