// Writes tests/fixtures/names/legacy.txt: of the names of names.mjs those whose bytes look like something else, for the
// Rust tests.
//
//   node fixture.mjs > ../fixtures/names/legacy.txt

import { asBrowsersDo, segments } from './names.mjs';

const OVERLONG = /[\xc0\xc1][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]|\xf0[\x80-\x8f][\x80-\xbf]/;
const CARELESS = /[\xc0\xc1][ -\x7f]|.\xc0$|\xe0[@A\x80\x81][ -\xbf]/;
const ASCII = /[\x80-\xff][\\|/;%?#~`<>"]/;

const seen = new Set();
for (const { language, charset, names } of segments()) {
  const odd = names
    .filter((bytes) => [OVERLONG, CARELESS, ASCII].some((form) => form.test(String.fromCharCode(...bytes))))
    .map(asBrowsersDo);
  const fresh = odd.filter((name) => !seen.has(name) && seen.add(name));
  if (fresh.length > 0) console.log([`# ${language} ${charset}`, ...fresh].join('\n'));
}
