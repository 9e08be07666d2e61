// The pages of docs/providers: the part of `gateway.toml` of each is a part that `check` takes.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SIGMA, WORKBOOK, embed, listen, organization, site } from '../shared/configuration.mjs';
import { command, folderWith, newSessionKey, newSigmaSecret, temporaryFolder } from '../shared/gateway.mjs';
import { key } from './keys.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(here, '../../docs/providers');

/// A name for each page, and what `check` has against its part; the same with every line that the page comments out.
export function providerPages(binary) {
  const pages = fs.readdirSync(folder).filter((file) => file.endsWith('.md') && file !== 'README.md');
  const root = temporaryFolder('laboratory-pages');
  return pages.flatMap((file) => {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    const parts = [...text.matchAll(/```toml\n([\s\S]*?)```/g)].map(([, part]) => part);
    const name = `page-${path.basename(file, '.md')}`;
    if (parts.length !== 1) return [[name, `${parts.length} parts, not 1`]];
    const whole = parts[0].replace(/^#(?=[a-z_]+ = )/gm, '');
    const ways =
      whole === parts[0]
        ? [[name, whole]]
        : [
            [name, parts[0]],
            [`${name}-whole`, whole],
          ];
    return ways.map(([way, part]) => [way, problemOf(binary, path.join(root, way), part)]);
  });
}

function problemOf(binary, own, part) {
  const { status, stdout, stderr } = check(binary, folderWith(own, filesOf(part)));
  return status === 0 ? '' : `${stdout}${stderr}`.replaceAll(own, '');
}

function check(binary, own) {
  const secret = { OIDC_CLIENT_SECRET: 'client-secret' };
  Object.assign(process.env, secret);
  return command(binary, ['check', '--config', path.join(own, 'gateway.toml')]);
}

function filesOf(part) {
  const around = [
    listen({ address: '127.0.0.1:8080', admin: 9090 }),
    organization({ clientId: '3f0e7c526d0b4c6e9a7e2f1f' }),
    embed('revenue', SIGMA + WORKBOOK),
    part,
    part.includes('[[mapping]]')
      ? ''
      : '[[mapping]]\nname = "all"\nwhen = { provider = "corp" }\nteams = ["All"]\naccount_type = "View"',
    site({ url: 'https://crm.example.com', upstream: 3000, embeds: ['revenue'] }),
  ];
  return {
    'gateway.toml': around.join('\n'),
    'session.key': newSessionKey(),
    'sigma.secret': newSigmaSecret(),
    'apple.jwt': 'a.b.c',
    'client.pem': key('p256').privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}
