// Everything that one browser visits: the gateway, the application behind it, Sigma, a provider.

import { WORKBOOK, embed, finance, identity, listen, organization, site } from '../shared/configuration.mjs';
import { newSessionKey, newSigmaSecret, startGateway, temporaryFolder } from '../shared/gateway.mjs';
import { startProvider } from '../shared/provider.mjs';
import { startApplication } from './application.mjs';
import { startSigma } from './sigma.mjs';

const CLIENT = { clientId: 'made', clientSecret: 'made-secret' };
const CONTROLS = 'page_controls = ["Region"]';
const ANA = { email: 'ana@example.com', email_verified: true, name: 'ana', groups: ['finance'] };

/// Five ports in a row from `base`.
export async function startSetting({ binary, base, hasScript }) {
  const port = { gateway: base, admin: base + 1, application: base + 2, provider: base + 3, sigma: base + 4 };
  const where = { site: `http://crm.localhost:${port.gateway}`, sigma: `http://sigma.localhost:${port.sigma}` };
  const secret = newSigmaSecret();
  const url = `${where.sigma}${WORKBOOK}?:embed=true&Region=EMEA,APAC&:theme=Dark`;
  // Of the next two embeds the URL is written otherwise than in the configuration.
  const controls = ':embed=true&Region=EMEA,APAC';
  const part = `${where.sigma}/acme/workbook/Part-48xgywpg21TkRWtz3jVRCe?:nodeId=p_1&${controls}`;
  const tagged = `${where.sigma}/acme/workbook/Tagged/58xgywpg21TkRWtz3jVRCe/tag/%c3%a9%20x/?${controls}`;
  const unknown = `${where.sigma}/acme/workbook/Other-38xgywpg21TkRWtz3jVRCe?:embed=true`;
  const sigma = await startSigma({ port: port.sigma, secret });
  const application = await startApplication({
    port: port.application,
    sigma: { url, part, tagged, unknown, signed: `${where.sigma}${WORKBOOK}?:jwt=a.b.c&:embed=true` },
  });
  const provider = await startProvider({ port: port.provider, ...CLIENT, people: { ana: ANA } });
  provider.person = 'ana';
  const folder = temporaryFolder('sigma-gateway-made', {
    'gateway.toml': [
      listen({ address: `127.0.0.1:${port.gateway}`, admin: port.admin }),
      organization({ clientId: 'made', more: `base_url = "${where.sigma}"` }),
      identity({ issuer: provider.issuer, clientId: CLIENT.clientId }),
      embed('revenue', where.sigma + WORKBOOK, CONTROLS),
      embed('part', `${where.sigma}/acme/workbook/Part-48xgywpg21TkRWtz3jVRCe/page/p_1`, CONTROLS),
      embed('tagged', `${where.sigma}/acme/workbook/Tagged-58xgywpg21TkRWtz3jVRCe/tag/%C3%A9%20x`, CONTROLS),
      finance(),
      site({
        url: where.site,
        upstream: port.application,
        embeds: ['revenue', 'part', 'tagged'],
        more: `script = ${hasScript}`,
      }),
    ].join(''),
    'session.key': newSessionKey(),
    'sigma.secret': secret,
    'oidc.secret': CLIENT.clientSecret,
  });
  const gateway = await startGateway({ binary, folder, admin: port.admin });
  const stop = async () => {
    for (const part of [gateway, provider, application, sigma]) await part.stop();
  };
  return { where, sigma, stop };
}
