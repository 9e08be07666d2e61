// Pages whose own policies bind what they hold.

import { showsAfter } from './cases.mjs';
import { POLICIES } from './policy_pages.mjs';

export function policyCases() {
  return Object.keys(POLICIES).map((name) => ({
    name: `policy ${name}: on show at first sight, after the page's own reload and after Back`,
    isQuick: ['default-self', 'trusted-types'].includes(name),
    run: (reader, { where }) => liveUnder(reader, where.site, `/policy/${name}`),
  }));
}

async function liveUnder(reader, site, path) {
  await showsAfter(reader, () => reader.open(site + path));
  await showsAfter(reader, () => reader.play('location.reload()'));
  await reader.open(`${site}/elsewhere`);
  await showsAfter(reader, () => reader.step(-1, () => reader.isAt(path)));
}
