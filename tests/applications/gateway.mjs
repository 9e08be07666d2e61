// The gateway with one site for each application, as an operator would write it.

import * as toml from '../shared/configuration.mjs';
import { folderWith, newSessionKey, newSigmaSecret, startGateway as start } from '../shared/gateway.mjs';
import { CLIENT, SCOPES } from '../shared/panva.mjs';

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
  return where.sigma + toml.WORKBOOK;
}

export async function startGateway({ binary, folder, where, issuer }) {
  folderWith(folder, {
    'gateway.toml': configuration(where, issuer),
    'sigma.secret': newSigmaSecret(),
    'oidc.secret': CLIENT.secret,
    'session.key': newSessionKey(),
  });
  return start({ binary, folder, admin: where.admin });
}

function configuration(where, issuer) {
  const site = ({ site: url, port }, more) => toml.site({ url, upstream: port, embeds: ['revenue'], more });
  return [
    toml.listen({ address: `127.0.0.1:${where.base}`, admin: where.admin }),
    toml.organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f', more: `base_url = "${where.sigma}"` }),
    toml.identity({ issuer, clientId: CLIENT.id, scopes: SCOPES }),
    toml.embed('revenue', sigmaUrl(where)),
    toml.finance(),
    site(where.wiki),
    site(where.tomcat, TOMCAT),
    site(where.flows, FLOWS),
  ].join('');
}

const TOMCAT = `
upstream_host = "upstream"          # so it takes its own address for the public one, and redirects there
forget_cookies = ["JSESSIONID", "JSESSIONID; Path=/examples"]

[[site.insert]]                     # a page of somebody else's application
path = "/examples/servlets/index.html"
select = "body"
place = "append"
embed = "revenue"
`;

const FLOWS = toml.widgetsJson('/api/widgets');
