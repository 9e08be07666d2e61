// The gateway with a configuration for one provider.

import fs from 'node:fs';
import path from 'node:path';
import * as toml from '../shared/configuration.mjs';
import { folderWith, newSessionKey, newSigmaSecret, startGateway as start } from '../shared/gateway.mjs';

export const SIGMA = { clientId: 'providers-suite', secret: newSigmaSecret() };

/// Where everything of a lane listens.
export function places(base) {
  return {
    site: `http://crm.localhost:${base}`,
    listen: `127.0.0.1:${base}`,
    admin: base + 1,
    sigma: `http://sigma.localhost:${base + 2}`, // nobody listens: signed URLs are looked at, not opened
    application: base + 3,
    provider: base + 10,
  };
}

/// Starts a gateway in `folder`. A second one in the same folder has the same session key.
export async function startGateway({ binary, folder, where, provider, settings = {} }) {
  if (!fs.existsSync(path.join(folder, 'session.key'))) folderWith(folder, { 'session.key': newSessionKey() });
  folderWith(folder, {
    'sigma.secret': SIGMA.secret,
    'oidc.secret': settings.clientSecret ?? provider.client.secret,
    'gateway.toml': configuration(where, provider, settings),
  });
  return start({ binary, folder, admin: where.admin });
}

function configuration(where, provider, { maxAge = '1h', recheck, outsiders = 'refuse', signOutMethod }) {
  const { sales, finance } = provider.rules();
  const session = `max_age = "${maxAge}"\n${recheck ? `recheck = "${recheck}"` : ''}`;
  return [
    toml.listen({ address: where.listen, admin: where.admin, session }),
    toml.organization({ clientId: SIGMA.clientId, more: `base_url = "${where.sigma}"` }),
    toml.identity({ issuer: provider.issuer, clientId: provider.client.id, scopes: provider.scopes }),
    `outsiders = "${outsiders}"\n`,
    signOutMethod ? `sign_out = { method = "${signOutMethod}" }\n` : '',
    toml.embed('revenue', where.sigma + toml.WORKBOOK),
    `
[[mapping]]
name = "sales"
when = ${sales}
teams = ["Sales"]
account_type = "Build"
`,
    toml.finance(finance),
    toml.site({
      url: where.site,
      upstream: where.application,
      embeds: ['revenue'],
      more: 'forget_cookies = ["JSESSIONID"]\nidentity_headers = "x-forwarded"',
    }),
  ].join('');
}
