// The gateway with one site for each application, as an operator would write it.

import * as toml from '../shared/configuration.mjs';
import { folderWith, newSessionKey, startGateway as start } from '../shared/gateway.mjs';
import { CLIENT, SCOPES } from '../shared/panva.mjs';

/// Ports of one run, counted from `base`.
export function places(base) {
  return {
    base,
    wiki: { site: `http://wiki.localhost:${base}`, port: base + 10 },
    tomcat: { site: `http://tomcat.localhost:${base}`, port: base + 20 },
    flows: { site: `http://flows.localhost:${base}`, port: base + 30 },
    redmine: { site: `http://redmine.localhost:${base}`, port: base + 40 },
    jupyter: { site: `http://jupyter.localhost:${base}`, port: base + 50 },
    provider: base + 1,
    sigma: `http://sigma.localhost:${base + 2}`,
    admin: base + 3,
  };
}

/// The origins that people sign in to.
export function sitesOf({ wiki, tomcat, flows, redmine, jupyter }) {
  return [wiki, tomcat, flows, redmine, jupyter].map(({ site }) => site);
}

export function sigmaUrl(where) {
  return where.sigma + toml.WORKBOOK;
}

export async function startGateway({ binary, folder, where, issuer, secret }) {
  folderWith(folder, {
    'gateway.toml': configuration(where, issuer),
    'sigma.secret': secret,
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
    site(where.redmine, REDMINE),
    site(where.jupyter),
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

const REDMINE = `
[[site.insert]]                     # its wiki has no frames
path = "/projects/sales/wiki/Revenue"
select = "div.wiki-page"
place = "append"
embed = "revenue"

[[site.insert]]                     # beside its forms
path = "/projects/sales/issues"
select = "div#content"
place = "append"
embed = "revenue"
`;
