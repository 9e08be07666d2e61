// The cases in which the provider changes under people who work: new keys, a stop, a start.

import { sleep, until } from '../shared/wait.mjs';
import { describe, isCallback } from './visitor.mjs';

const BACK_SECONDS = 10;

/// Ben's code was given out before the exchange of the keys, cara signs in after it; ana works all the time.
export async function keyRotation(world) {
  const [ana, ben, cara] = [world.visitor(), world.visitor(), world.visitor()];
  world.sees(await ana.signIn('ana'), 'ana');
  const work = keepWorking(world, ana);
  const { url } = await ben.signIn('ben', '/dashboard', { until: isCallback });
  await world.provider.rotateKeys();
  world.sees(await ben.open(url), 'ben');
  world.sees(await cara.signIn('cara'), 'cara');
  await world.mints(cara, { person: 'cara', teams: ['Finance', 'Sales'], accountType: 'Build' });
  await work.end();
  await worksOn(world, ana);
}

export async function outage(world) {
  const [ana, ben] = [world.visitor(), world.visitor()];
  world.sees(await ana.signIn('ana'), 'ana');
  const { url } = await ben.signIn('ben', '/dashboard', { until: isCallback });
  await world.provider.stop();
  try {
    await worksOn(world, ana);
    // The address of the provider is known: a newcomer is sent there, and who returns with a code reads the cause.
    const sent = await world.visitor().open('/dashboard', { until: (to) => to.startsWith(world.provider.issuer) });
    if (sent.status !== 0) throw new Error(`expected to be sent to the provider, got ${describe(sent)}`);
    world.refuses(await ben.open(url), 503, 'provider_unreachable');
    world.refuses(await ben.fetch('/dashboard'), 401, 'not_signed_in');
  } finally {
    await world.provider.start();
  }
  world.sees(await world.visitor().signIn('ben'), 'ben');
  await worksOn(world, ana);
}

export async function startDuringOutage(world) {
  const [ana, ben] = [world.visitor(), world.visitor()];
  world.sees(await ana.signIn('ana'), 'ana');
  await world.gateway.stop();
  await world.provider.stop();
  try {
    await world.startGateway();
    await worksOn(world, ana);
    const page = await ben.open('/dashboard');
    world.refuses(page, 503, 'provider_unreachable');
    if (!page.headers['retry-after']) throw new Error(`no Retry-After: ${describe(page)}`);
    world.refuses(await ana.follow('/oauth2/start'), 503, 'provider_unreachable');
    await worksOn(world, ana);
    const { status, provider } = await world.readiness();
    if (status !== 200 || !/^down/.test(provider)) throw new Error(`readiness is ${status}, the provider ${provider}`);
  } finally {
    await world.provider.start();
  }
  const page = await until(
    'the gateway to find the provider',
    async () => {
      const found = await ben.signIn('ben').catch(() => null);
      return found?.status === 200 && found;
    },
    { seconds: BACK_SECONDS, every: 500 },
  );
  world.sees(page, 'ben');
  const { provider } = await world.readiness();
  if (provider !== 'ready') throw new Error(`the provider is ${provider} for the gateway`);
}

async function worksOn(world, visitor) {
  world.sees(await visitor.open('/dashboard'), 'ana');
  await world.mints(visitor, { person: 'ana', teams: ['Finance'], accountType: 'View' });
}

/// Somebody who opens page after page; `end` tells of the first failure.
function keepWorking(world, visitor) {
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      await worksOn(world, visitor);
      await sleep(200);
    }
  })();
  work.catch(() => {}); // told by `end`
  return {
    end: async () => {
      isOver = true;
      await work;
    },
  };
}
