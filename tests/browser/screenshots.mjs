// The pictures of the documentation.

import path from 'node:path';
import { launch } from '../shared/browsers.mjs';
import { textOf, Visitor } from './visitor.mjs';
import { sleep } from '../shared/wait.mjs';

const ANA = { person: 'ana', teams: ['Finance'], accountType: 'View' };

/// Takes start-page.png, crm-embed.png and no-embed.png.
export async function takeScreenshots({ demo, provider, folder }) {
  const browser = await launch('chromium');
  const shoot = async (visitor, name, fullPage = false) => {
    await sleep(500); // fonts and the frame's own layout
    await visitor.page.screenshot({ path: path.join(folder, name), fullPage });
    console.log(`wrote ${name}`);
  };
  try {
    const ana = await Visitor.arrive(browser, demo, provider);
    await ana.open(demo.start);
    await shoot(ana, 'start-page.png', true);
    await ana.seesEmbed(ANA, () => ana.signIn(demo.link, 'ana', '/dashboard'));
    await shoot(ana, 'crm-embed.png');
    await ana.leave();
    const dan = await Visitor.arrive(browser, demo, provider);
    await dan.signIn(demo.link, 'dan', '/dashboard');
    await dan.until('the frame to say why', async () => {
      const texts = await Promise.all(dan.page.frames().map(textOf));
      return texts.some((text) => text.includes('not_mapped'));
    });
    await shoot(dan, 'no-embed.png');
    await dan.leave();
  } finally {
    await browser.close();
  }
}
