// The pages of docs/providers and docs/proxies, and the recipes of deploy/recipes: each part of `gateway.toml` in them
// is one that `check` takes.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SIGMA, WORKBOOK, embed, listen, organization, site } from '../shared/configuration.mjs';
import { command, folderWith, newSessionKey, newSigmaSecret, temporaryFolder } from '../shared/gateway.mjs';
import { makeCertificate } from '../shared/certificate.mjs';
import { key } from './keys.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/// Pages with their only part; pages with as many as they need.
const PROVIDERS = 'docs/providers';
const PROXIES = 'docs/proxies';
const RECIPES = 'deploy/recipes';

/// A name for each part, and what `check` has against it; the same with every line that the page comments out.
export function configurationPages(binary) {
  const own = temporaryFolder('laboratory-pages');
  const parts = [...partsOf(PROVIDERS, 'page'), ...partsOf(PROXIES, 'page-proxies'), ...recipeParts()];
  return parts.flatMap(([name, part, problem]) => {
    if (problem) return [[name, problem]];
    const whole = part.replace(/^#(?=[a-z_]+ = )/gm, '');
    const ways = [
      [name, part],
      [`${name}-whole`, whole],
    ];
    return (whole === part ? ways.slice(0, 1) : ways).map(([way, text]) => [
      way,
      problemOf(binary, path.join(own, way), text),
    ]);
  });
}

/// `[name, part, problem]` of the pages of a folder.
function partsOf(folder, kind) {
  const pages = fs.readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.md') && file !== 'README.md');
  return pages.flatMap((file) => {
    const text = fs.readFileSync(path.join(root, folder, file), 'utf8');
    const parts = [...text.matchAll(/```toml\n([\s\S]*?)```/g)].map(([, part]) => part);
    const name = `${kind}-${path.basename(file, '.md')}`;
    const isRight = parts.length === 1 || (folder !== PROVIDERS && parts.length > 1);
    if (!isRight) return [[name, '', `${parts.length} parts, not 1`]];
    return parts.map((part, at) => [at === 0 ? name : `${name}-${at + 1}`, part, '']);
  });
}

function recipeParts() {
  return ['in-front', 'forward-auth'].flatMap((kind) =>
    fs.readdirSync(path.join(root, RECIPES, kind)).map((name) => {
      const part = fs.readFileSync(path.join(root, RECIPES, kind, name, 'gateway.toml'), 'utf8');
      return [`page-recipes-${kind}-${name}`, part.replaceAll('/etc/sigma-gateway/tls/crm', 'tls'), ''];
    }),
  );
}

function problemOf(binary, own, part) {
  const folder = folderWith(own, filesOf(part));
  if (part.includes('"tls.pem"')) makeCertificate(folder, ['crm.example.com']);
  const { status, stdout, stderr } = check(binary, folder);
  return status === 0 ? '' : `${stdout}${stderr}`.replaceAll(own, '');
}

function check(binary, own) {
  const secret = { OIDC_CLIENT_SECRET: 'client-secret' };
  Object.assign(process.env, secret);
  return command(binary, ['check', '--config', path.join(own, 'gateway.toml')]);
}

const SESSION = '[session]\nkeys = [{ file = "session.key" }]';
const SIGNS_IN = `[identity.corp]
type = "oidc"
issuer = "https://login.example.com/realms/corp"
client_id = "sigma-gateway"
client_secret = { env = "OIDC_CLIENT_SECRET" }
email_domains = ["example.com"]`;
const MAPPING = '[[mapping]]\nname = "all"\nwhen = { provider = "corp" }\nteams = ["All"]\naccount_type = "View"';

/// The part, with what it leaves out around it.
function filesOf(part) {
  const unless = (mark, text) => (part.includes(mark) ? '' : text);
  const hasListen = part.includes('[listen]');
  const around = [
    hasListen ? unless('[session]', SESSION) : listen({ address: '127.0.0.1:8080', admin: 9090 }),
    organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    unless('[identity.', SIGNS_IN),
    embed('revenue', SIGMA + WORKBOOK),
    part,
    unless('[[mapping]]', MAPPING),
    unless('[[site]]', site({ url: 'https://crm.example.com', upstream: 3000, embeds: ['revenue'] })),
  ];
  return {
    'gateway.toml': around.join('\n'),
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'apple.jwt': 'a.b.c',
    'client.pem': key('p256').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}
