// Messages: the page around an embed speaks with Sigma as if its frame were Sigma's; nobody else does.

import assert from 'node:assert/strict';
import { sleep } from '../shared/wait.mjs';

const LATE_MS = 300;

export const messages = [
  { name: 'what Sigma says arrives as from Sigma, before and after a renewal', run: relay },
  { name: 'what the host says to its frame reaches Sigma, before and after a renewal', run: post },
  { name: 'ports pass both ways', run: ports },
  { name: 'a message for our own origin stays here, a wrong target throws', run: otherTargets },
  { name: 'the host hears what the embed page does not understand', run: odd },
  { name: 'elements named like the functions we use change nothing', run: clobbering },
  { name: 'what a frame of another origin says is not passed on', run: foreignSender },
  { name: 'a host of another origin hears nothing, and reaches nobody', run: foreignHost },
  { name: 'what a page of another origin inside the frame says is not passed on', run: navigatedAway },
];

async function relay(reader, world) {
  await reader.see(world.link());
  await heardAsSigma(reader, world, 'workbook:loaded');
  await reader.sigmaSays({ type: 'action:outbound', name: 'first', values: { a: [1] } });
  const first = await heardAsSigma(reader, world, 'action:outbound');
  assert.deepEqual(first.data.values, { a: [1] });
  await renew(reader);
  await reader.sigmaSays({ type: 'action:outbound', name: 'second' });
  await reader.until('the second', async () => (await reader.hears('action:outbound')).data.name === 'second');
  await heardAsSigma(reader, world, 'action:outbound');
  const loaded = (await reader.heard()).filter(({ data }) => data.type === 'workbook:loaded');
  assert.equal(loaded.length, 2);
}

async function heardAsSigma(reader, world, type) {
  const { origin, isFrame, isOurRealm, data } = await reader.hears(type);
  assert.deepEqual({ origin, isFrame, isOurRealm }, { origin: world.sigma, isFrame: true, isOurRealm: true });
  return { data };
}

async function post(reader, world) {
  await reader.see(world.link());
  await reaches(reader, world, { n: 1 }, world.sigma);
  await reaches(reader, world, { n: 2 }, { targetOrigin: world.sigma });
  await reaches(reader, world, { n: 3 }, '*');
  await reaches(reader, world, { n: 4 }, `${world.sigma}/acme`);
  await renew(reader);
  await reaches(reader, world, { n: 5 }, world.sigma);
}

async function reaches(reader, world, message, target) {
  await reader.tell(message, target);
  const found = await reader.until('Sigma to hear it', async () =>
    (await reader.sigmaHeard()).find(({ data }) => data.n === message.n),
  );
  assert.deepEqual([found.origin, found.isParent], [world.origin, true]);
}

async function ports(reader, world) {
  await reader.see(world.link());
  await reader.page.evaluate(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => heard.push({ data: event.data });
    tell('with a port', sigma, [port2]);
  });
  await reader.until('an answer by the port', async () =>
    (await reader.heard()).some(({ data }) => data === 'by port'),
  );
  await reader.inSigma(() => {
    const { port1, port2 } = new MessageChannel();
    window.say({ type: 'with a port' }, [port2]);
    port1.postMessage('from Sigma');
  });
  assert.equal((await reader.hears('with a port')).ports, 1);
  await reader.until('what the port says', async () =>
    (await reader.heard()).some(({ data }) => data === 'from Sigma'),
  );
}

async function odd(reader, world) {
  await reader.see(world.link({ fit: '1' }));
  const last = async () => (await reader.heard()).at(-1).data;
  for (const message of [
    { type: 'workbook:variables:onchange', workbook: { variables: null } },
    { type: 'workbook:variables:onchange', workbook: null },
    { type: ['a'], workbook: 1 },
    { type: 'workbook:pageheight:onchange', pageHeight: null },
  ]) {
    await reader.sigmaSays(message);
    await reader.until('the host to hear it', async () => JSON.stringify(await last()) === JSON.stringify(message));
  }
  await reader.inSigma(() => {
    const cycle = { type: 'workbook:exploreKey:onchange' };
    say(Object.assign(cycle, { exploreKey: cycle }));
    say({ type: 'workbook:pageheight:onchange', pageHeight: 7n });
    say({ type: 'the last' });
  });
  const lastTypes = () => reader.page.evaluate(() => heard.slice(-3).map(({ data }) => data.type));
  const types = await reader.until('the last', async () => {
    const found = await lastTypes();
    return found.at(-1) === 'the last' && found;
  });
  assert.deepEqual(types, ['workbook:exploreKey:onchange', 'workbook:pageheight:onchange', 'the last']);
}

async function otherTargets(reader, world) {
  await reader.see(world.link());
  await reader.inEmbed(() => {
    window.own = [];
    addEventListener('message', (event) => own.push(event.data));
  });
  await reader.tell('for us', world.origin);
  await reader.tell('for us too', '/');
  await reader.tell('for a stranger', world.stranger);
  await reader.until('our own message', async () => (await reader.inEmbed(() => own)).length >= 2);
  assert.deepEqual(await reader.inEmbed(() => own), ['for us', 'for us too']);
  assert.deepEqual(await reader.sigmaHeard(), []);
  const thrown = await reader.page.evaluate(() => {
    try {
      tell('x', 'no origin');
      return '';
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(thrown, 'SyntaxError');
}

async function clobbering(reader, world) {
  await reader.see(world.link(), { clobber: 1 });
  await reader.sigmaSays({ type: 'action:outbound', name: 'x' });
  await heardAsSigma(reader, world, 'action:outbound');
}

// The stranger's page attacks by itself (host.mjs), and then says so to the host.
async function foreignSender(reader, world) {
  await reader.see(world.link());
  const before = (await reader.heard()).length;
  await reader.page.evaluate((source) => {
    document.body.append(Object.assign(document.createElement('iframe'), { src: source }));
  }, `${world.stranger}/page?attack=1`);
  await reader.hears('attacked');
  await sleep(LATE_MS);
  const heard = (await reader.heard()).slice(before);
  assert.deepEqual(
    heard.map(({ data, origin }) => [data.type, origin]),
    [['attacked', world.stranger]],
  );
  assert.equal(world.asked.length, 0);
  assert.equal((await reader.words()).text, '');
}

// The gateway refuses such a frame; should it ever come, the script tells nobody anything.
async function foreignHost(reader, world) {
  await reader.open(world.link(), {}, world.stranger);
  await reader.up(1);
  await reader.sigmaSays({ type: 'action:outbound', name: 'x' });
  await reader.tell({ n: 1 }, world.sigma);
  await reader.tell({ n: 1 }, '*');
  await sleep(LATE_MS);
  assert.deepEqual(await reader.heard(), []);
  assert.deepEqual(await reader.sigmaHeard(), []);
}

async function navigatedAway(reader, world) {
  await reader.see(world.link());
  await reader.inSigma((to) => location.assign(to), `${world.stranger}/page`).catch(() => {});
  const stranger = await reader.until('the stranger', () =>
    reader.page.frames().find((frame) => frame.url().startsWith(world.stranger)),
  );
  const before = (await reader.heard()).length;
  await stranger.evaluate(() => parent.postMessage({ type: 'action:outbound', name: 'forged' }, '*'));
  await reader.tell({ n: 1 }, world.sigma);
  await sleep(LATE_MS);
  assert.equal((await reader.heard()).length, before);
  assert.deepEqual(await stranger.evaluate(() => heard), []);
}

/// Moves the clock to where the next URL is due, and waits for it.
export async function renew(reader, seconds = 3590) {
  const before = reader.world.visits.length;
  await reader.advance(seconds);
  await reader.up(before + 1);
}
