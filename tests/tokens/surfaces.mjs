// Every way in which the gateway hands out a signed URL.

import fs from 'node:fs';
import path from 'node:path';
import { FETCH, FRAME, NAVIGATION } from '../shared/agent.mjs';
import { forms, people, restOf } from './forms.mjs';
import { settingsOf } from '../shared/embed_page.mjs';
import { command } from '../shared/gateway.mjs';

const unescaped = (text) =>
  text
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

/// Each gives the signed URL of a form; `world` is `{ binary, folder, site, agents }`.
export const surfaces = {
  sign: ({ binary, folder }, person, form) => {
    const claims = JSON.stringify({ sub: `sub-${person}`, email_verified: true, ...people[person].claims });
    const line = [
      'sign',
      '--config',
      path.join(folder, 'gateway.toml'),
      '--claims',
      '-',
      '--embed',
      form.embed,
      '--view',
      restOf(form).replace(/^\//, ''),
    ];
    const { status, stdout, stderr } = command(binary, line, { input: claims });
    if (status !== 0) throw new Error(`exit code ${status}: ${stderr}`);
    return stdout.trim();
  },

  'stable link': async ({ site, agents }, person, form) => {
    const answer = await agents[person].ask(`${site}/sigma/embed/${form.embed}${restOf(form)}`, { headers: FRAME });
    if (answer.status !== 200) throw new Error(`${answer.status}, not 200: ${answer.text.slice(0, 400)}`);
    return settingsOf(answer.text).minted.url;
  },

  'embed API': async ({ site, agents }, person, form) => {
    const answer = await agents[person].ask(`${site}/sigma/api/embeds/${form.embed}${restOf(form)}`, {
      headers: FETCH,
    });
    return JSON.parse(answer.text).url;
  },

  'HTML slot': async ({ site, agents }, person, form) => {
    const { text } = await agents[person].ask(`${site}/frames`);
    const frames = text.match(/<iframe[^>]*>/g);
    return unescaped(/ src="([^"]*)"/.exec(frames[forms.indexOf(form)])[1]);
  },

  Location: async ({ site, agents }, person, form) => {
    return locationOf(await agents[person].ask(`${site}/go/${forms.indexOf(form)}`, { headers: NAVIGATION }), 302);
  },

  'JSON slot': async ({ site, agents }, person, form) => {
    const { text } = await agents[person].ask(`${site}/api/widgets`, { headers: FETCH });
    return JSON.parse(text).widgets[forms.indexOf(form)].url;
  },
};

/// The published vectors, as the tests of the code have them.
export function vectors(root) {
  return JSON.parse(fs.readFileSync(path.join(root, 'tests/fixtures/sigma/jwt-vectors.json'), 'utf8'));
}

function locationOf(answer, status) {
  if (answer.status !== status) throw new Error(`${answer.status}, not ${status}: ${answer.text.slice(0, 400)}`);
  return answer.headers.location;
}
