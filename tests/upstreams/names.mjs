// The everyday names of the world, in the bytes of the charsets that older applications use: what CLDR calls countries,
// languages, currencies, months and days (Node brings it), encoded with the tables of the Encoding Standard turned
// round.

/// Each language with the charsets that its applications use.
export const LANGUAGES = {
  ko: ['euc-kr'],
  ja: ['euc-jp', 'shift_jis'],
  'zh-Hans': ['gbk', 'gb18030'],
  'zh-Hant': ['big5'],
  th: ['windows-874'],
  ru: ['windows-1251', 'koi8-r', 'iso-8859-5'],
  uk: ['windows-1251', 'koi8-u'],
  bg: ['windows-1251'],
  el: ['windows-1253', 'iso-8859-7'],
  tr: ['windows-1254'],
  he: ['windows-1255'],
  ar: ['windows-1256', 'iso-8859-6'],
  de: ['windows-1252'],
  cs: ['windows-1250', 'iso-8859-2'],
};

/// Every name of a language once.
export function namesOf(language) {
  const names = new Set();
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const pairs = letters.flatMap((one) => letters.map((two) => one + two));
  const told = (type, codes) => {
    const display = new Intl.DisplayNames([language], { type, fallback: 'none' });
    for (const code of codes) names.add(display.of(code));
  };
  told('region', [
    ...pairs.map((pair) => pair.toUpperCase()),
    ...Array.from({ length: 1000 }, (_, code) => `${code}`.padStart(3, '0')),
  ]);
  told('language', [...pairs, ...pairs.flatMap((pair) => letters.map((letter) => pair + letter))]);
  told('currency', Intl.supportedValuesOf('currency'));
  for (const style of ['long', 'short', 'narrow']) {
    for (const form of [
      { month: style },
      { month: style, day: 'numeric' },
      { weekday: style },
      { weekday: style, day: 'numeric' },
    ]) {
      const format = new Intl.DateTimeFormat(language, { ...form, timeZone: 'UTC' });
      for (let day = 0; day < 366; day += 'month' in form ? 28 : 1) {
        for (const { type, value } of format.formatToParts(Date.UTC(2024, 0, 1 + day)))
          if (type in form) names.add(value);
      }
    }
  }
  names.delete(undefined);
  return [...names].filter((name) => name !== '.' && name !== '..');
}

/// The bytes of a text in a charset, or nothing where it lacks a character.
export function encoder(charset) {
  const table = new Map();
  const decoder = new TextDecoder(charset, { fatal: true });
  const learn = (...bytes) => {
    let text;
    try {
      text = decoder.decode(Uint8Array.from(bytes));
    } catch {
      return;
    }
    if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
  };
  const from = (first, last, then) => {
    for (let byte = first; byte <= last; byte += 1) then(byte);
  };
  from(0x20, 0x7e, (byte) => learn(byte));
  from(0x80, 0xff, (byte) => learn(byte));
  from(0x81, 0xfe, (lead) => from(0x30, 0xfe, (trail) => learn(lead, trail)));
  if (charset === 'euc-jp') from(0xa1, 0xfe, (second) => from(0xa1, 0xfe, (third) => learn(0x8f, second, third)));
  return (text) => {
    const bytes = [];
    for (const character of text.normalize('NFC')) {
      const known =
        table.get(character) ?? table.get({ '\u00a0': ' ', '\u202f': ' ', '\u2019': "'", '\u02bc': "'" }[character]);
      if (!known) return undefined;
      bytes.push(...known);
    }
    return bytes;
  };
}

/// As browsers escape a path that is not UTF-8: letters, digits and what a segment may hold stay.
export const asBrowsersDo = (bytes) =>
  bytes
    .map((byte) =>
      /[A-Za-z0-9._~!$&'()*+,=:@-]/.test(String.fromCharCode(byte)) && byte < 0x80
        ? String.fromCharCode(byte)
        : escaped(byte),
    )
    .join('');

/// As scripts do that know no better.
export const everyByte = (bytes) => bytes.map(escaped).join('').toLowerCase();

const escaped = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/// Every pair of language and charset: its names as segments, and how many the charset cannot write.
export function segments() {
  const all = [];
  for (const [language, charsets] of Object.entries(LANGUAGES)) {
    const names = namesOf(language);
    for (const charset of charsets) {
      const encode = encoder(charset);
      const encoded = names.map(encode);
      all.push({ language, charset, lacks: encoded.filter((bytes) => !bytes).length, names: encoded.filter(Boolean) });
    }
  }
  return all;
}
