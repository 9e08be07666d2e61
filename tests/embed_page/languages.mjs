// What the embed page says, in each language of our pages: the words of the tables, and no English among others.

import assert from 'node:assert/strict';
import { wordsIn } from './template.mjs';

const CODES = ['EACCES', 'EEXIST', 'EINVAL', 'ENOENT', 'EPERM', 'ESTALE', 'ETIMEDOUT', 'NETWORK', 'UNKNOWN'];
const english = wordsIn('en');

export const languages = ['de', 'fr'].flatMap((lang) =>
  [
    ['why there is no dashboard, and each way on', answers],
    ["Sigma's codes", codes],
    ['what stands in for a dashboard that says nothing', silent],
  ].map(([what, act]) => ({ name: `${lang}: ${what}`, run: (reader, world) => act(reader, world, lang) })),
);

/// Waits for these texts, and that no English one stands there that the language has in other words.
async function says(reader, lang, wanted) {
  const words = wordsIn(lang);
  const found = await reader.until(`the words ${wanted}`, async () => {
    const { text } = await reader.words();
    return wanted.every((key) => text.includes(words[key])) && text;
  });
  const others = Object.entries(english).filter(([key, text]) => text.length > 4 && words[key] !== text);
  for (const [key, text] of others) assert.ok(!found.includes(text), `${key} in English: ${found}`);
}

async function answers(reader, world, lang) {
  for (const [answer, ...wanted] of [
    ['dead', 'embed_no_answer', 'embed_try_again'],
    ['badGateway', 'embed_not_now', 'embed_try_again', 'reason'],
    ['html', 'embed_signed_out', 'embed_load_page', 'embed_try_again'],
    ['foreign', 'embed_wrong_address'],
    ['signedOut', 'sign_in'],
  ]) {
    world.answers = [answer];
    await reader.open(world.link({ bare: '1', lang }));
    await says(reader, lang, wanted);
  }
}

async function codes(reader, world, lang) {
  for (const code of CODES) {
    world.forget();
    world.fails = code;
    await reader.open(world.link({ lang }));
    await says(reader, lang, [`sigma_${code.toLowerCase()}`, 'embed_try_again', 'embed_close', 'reason']);
  }
}

async function silent(reader, world, lang) {
  await reader.see(world.link({ lang, path: '/acme/ask/quiet' }));
  await reader.advance(21);
  await says(reader, lang, ['embed_nothing_yet', 'open_in_tab', 'embed_try_again', 'embed_close']);
}
