// What is right for each answer of `cases/pages`: from the issue that collected them, the HTML and Fetch standards, and
// what browsers show. The letters are those of judge.mjs; `ask` is how a browser asks (`page`, `fetch`, `form`).

const NEVER = { same: true, notes: 'any' };
/// Where a browser reads it, and a gateway that does not has to say so.
const FILLED_OR_NOTED = (expect) => ({ either: [expect, { same: true, notes: 'some', headers: expect.headers }] });

const page = (slots, more = {}) => ({ slots, ...more });
const same = (...notes) => ({ same: true, notes });
const ONE = page('F');
const TWO = page('FF');

/// Charsets and codings, markup.
const T1 = {
  c_206: same('partial'),
  'c_GZIP-caps-cl': ONE,
  'c_GZIP-caps-tiny': ONE,
  // A file: nothing says whether it is right to fill it.
  c_attachment: page('?', { notes: 'any' }),
  'c_base-before': ONE,
  c_big5: ONE,
  'c_cdata-in-xhtml': page('-'),
  'c_charset-ISO8859_1': ONE,
  'c_charset-ansi': ONE,
  'c_charset-cp932': ONE,
  'c_charset-empty': ONE,
  'c_charset-en': ONE,
  'c_charset-iso-8859-12': ONE,
  'c_charset-latin-1': ONE,
  'c_charset-none': ONE,
  'c_charset-utf-8,text_html': ONE,
  'c_charset-utf-8': ONE,
  'c_charset-utf8': ONE,
  'c_charset-win-1252': ONE,
  'c_coding-br': ONE,
  'c_coding-rawdeflate': ONE,
  'c_coding-word-UTF-8': ONE,
  'c_coding-word-deflate-none': ONE,
  'c_coding-word-empty': ONE,
  'c_coding-word-identity': ONE,
  'c_coding-word-iso-8859-1': ONE,
  'c_coding-word-none': ONE,
  'c_coding-word-text_html': ONE,
  'c_coding-zstd': ONE,
  // `--!>` ends a comment.
  c_comment: page('-F'),
  'c_content-type-text-slash-html-caps': ONE,
  'c_content-type-with-comma': ONE,
  'c_dup-attrs': ONE,
  'c_early-hints': ONE,
  // In `src= data-sigma-embed=revenue` the second word is the value of `src`: no slot.
  'c_empty-src': TWO,
  'c_entities-src': ONE,
  'c_entity-in-host-held': ONE,
  'c_entity-in-host-streamed': ONE,
  'c_error-500': page('L'),
  'c_euc-kr': ONE,
  'c_frameset-frame': ONE,
  c_gbk: ONE,
  'c_gzip-cl': ONE,
  'c_gzip-garbage-cl': page('F', { notes: 'any' }),
  'c_gzip-garbage-tiny': page('F', { notes: 'any' }),
  // Browsers show nothing of it.
  'c_gzip-label-plain-body': same('broken_coding'),
  'c_gzip-multi-cl': ONE,
  'c_gzip-multi-tiny': ONE,
  'c_gzip-tiny': ONE,
  c_http10: ONE,
  'c_ie-conditional': page('-F'),
  'c_iframe-slash': ONE,
  'c_invalid-utf8': ONE,
  'c_latin1-header': ONE,
  'c_meta-refresh': ONE,
  'c_mixed-case-attr-held': ONE,
  'c_mixed-case-attr-streamed': ONE,
  'c_mixed-replace': NEVER,
  'c_no-body-end': ONE,
  'c_no-content-type': ONE,
  'c_no-transform': same('no_transform'),
  // Text where scripts run, a frame where they do not.
  c_noscript: page('?F'),
  'c_nul-bytes': ONE,
  'c_object-embed': TWO,
  'c_plain-chunked': TWO,
  'c_plain-cl': TWO,
  'c_plain-close': TWO,
  'c_plain-tiny': TWO,
  'c_post-result': page('L', { ask: 'form' }),
  'c_script-string': page('-F'),
  'c_self-closing-xhtml': TWO,
  c_shift_jis: ONE,
  'c_single-quoted-src': ONE,
  'c_sjis-attr': ONE,
  // `srcdoc` hides `src`: the first frame shows no embed whatever its `src` is.
  c_srcdoc: page('?F'),
  'c_ssi-esi': ONE,
  // An `iframe` of SVG is no frame; one in `foreignObject` is.
  c_svg: page('-F'),
  c_template: page('-F'),
  'c_textarea-title': page('---F'),
  c_trailers: ONE,
  'c_unquoted-src': ONE,
  c_uppercase: ONE,
  'c_utf16-bom-only': same('charset'),
  'c_utf16-header': same('charset'),
  'c_utf8-bom-chunked': ONE,
  'c_utf8-bom': ONE,
  'c_win1252-meta': ONE,
  'c_x-gzip-cl': ONE,
  'c_x-gzip-tiny': ONE,
};

/// An element that holds a frame, and one that does not.
const T3 = (place) => {
  const placed = (slots = '', more = {}) => ({ insert: place, slots, ...more });
  const refused = same('insert_not_placed');
  return {
    'body-itself': placed(),
    // Nobody of the group `sales` looks, and nothing says which document `any` is.
    // What is replaced is gone, with its slot.
    'contains-slot': placed(place === 'append' ? 'L-' : '--', { links: ['pipeline'], notes: ['no_document'] }),
    'decoy-first': placed(),
    'decoy-template': placed(),
    'div-unclosed-eof': placed(),
    'div-unclosed': placed(),
    div: placed(),
    'form-post-data': placed(),
    'in-comment': placed(),
    'li-implied': placed(),
    'p-implied': placed(),
    'p-then-div': placed(),
    'script-inside': placed(),
    'sel-case': placed(),
    // A frame in a table's own children stands before the table.
    table: refused,
    'td-closed': placed(),
    'td-implied': placed(),
    void: refused,
    'xhtml-selfclose': placed('', { isSelfClosed: true }),
  };
};

const json = (slots, more = {}) => ({ json: true, slots, ask: 'fetch', ...more });
const JSON_ONE = json('F');
const JSON_ALL_NOTED = { same: true, notes: 'some', ask: 'fetch' };

const T6 = {
  // No rule chooses it.
  'array-top': json('-', { notes: 'any' }),
  'asmx-d': JSON_ONE,
  bom: JSON_ONE,
  'deep-beside': { ...FILLED_OR_NOTED(JSON_ONE), ask: 'fetch' },
  gzip: JSON_ONE,
  'host-escaped': JSON_ONE,
  'html-in-json': json('', { notes: 'any' }),
  // A browser reads U+FFFD there.
  'invalid-utf8': { ...FILLED_OR_NOTED(JSON_ONE), ask: 'fetch' },
  'jsonp-as-json': JSON_ALL_NOTED,
  jsonp: JSON_ALL_NOTED,
  'key-url-html-escape': json('F', { links: ['revenue?Region=%3Cb%3E'] }),
  latin1: JSON_ONE,
  'lone-surrogate-key': JSON_ONE,
  'lone-surrogate-value': JSON_ONE,
  nan: JSON_ALL_NOTED,
  'ndjson-ct': json('FF'),
  ndjson: json('FF'),
  'no-space-ct': JSON_ONE,
  'nul-in-string': JSON_ONE,
  numbers: JSON_ONE,
  'php-slashes': JSON_ONE,
  plain: JSON_ONE,
  'single-quotes': JSON_ALL_NOTED,
  'status-201-post': json('L', { ask: 'api-post' }),
  'text-html': JSON_ONE,
  'text-json': JSON_ONE,
  'text-plain': JSON_ONE,
  'trailing-comma': JSON_ALL_NOTED,
  u002f: JSON_ONE,
  utf16: JSON_ALL_NOTED,
  'whitespace-url': JSON_ONE,
  // Of an array nothing is chosen.
  widgets: json('F-', { links: ['revenue?Region=EMEA'] }),
  xssi: JSON_ONE,
};

const location = (wanted, more = {}) => ({ headers: { location: wanted }, notes: 'any', ...more });
const WILD = /\/sigma\/embed\/any\/1aB2cD3eF4gH5iJ6kL7mN8$/;

const T7 = {
  200: location('-'),
  201: location('-'),
  // No browser follows it.
  300: location('?'),
  301: location('F'),
  303: location('F'),
  304: location('-'),
  307: location('F'),
  308: location('F'),
  backslash: location('F'),
  body: location('F', { slots: '?' }),
  'cacheable-301': location('F'),
  'content-location': {
    headers: { 'content-location': '-', link: '-', 'x-redirect': '-', 'hx-redirect': 'F' },
    ask: 'fetch',
  },
  'crlf-enc': location('?', { links: [/\?Region=/] }),
  'dotdot-other': location('F'),
  dotseg: location('F'),
  // Not what an embed shows: nothing says that an edit mode is a view of it.
  edit: location('-'),
  'enc-dots': location('F'),
  'encoded-slash': location('-'),
  explore: location('F'),
  fragment: location('F'),
  latin1: location(/\/sigma\/embed\/revenue\?Region=(%E9|%C3%A9)$/i),
  'legacy-embed': location('-'),
  node: location(/\/sigma\/embed\/any\/1aB2cD3eF4gH5iJ6kL7mN8\/(page|element)\/abc$/),
  'other-org': location('-'),
  plain: location('F'),
  port: location('-'),
  query: location('revenue?Region=EMEA'),
  refresh: { headers: { location: '-', refresh: '?' }, notes: 'any' },
  refresh200: { headers: { refresh: 'F' } },
  'region-amp': location('revenue?Region=a%26:jwt%3Dzz'),
  'scheme-rel': location('F'),
  'slash-backslash': location('F'),
  tab: location('F'),
  'trailing-ws': location('F'),
  'triple-slash': location('F'),
  // Two readings.
  'two-locations-rev': { status: 502 },
  'two-locations': { status: 502 },
  upper: location('F'),
  userinfo: location('?'),
  userinfo2: location('-'),
  utf8: location('revenue?Region=%C3%A9'),
  'wild-page': location(/\/sigma\/embed\/any\/1aB2cD3eF4gH5iJ6kL7mN8\/page\/p1$/),
  wild: location(WILD),
};

const named = (kind, folder, prefix, table) =>
  Object.entries(table).map(([name, expect]) => ({
    kind,
    name: prefix + name,
    file: `${prefix}${name}.http`,
    folder,
    expect,
  }));

export const PAGES = [
  ...named('t1', '/c', 't1_', T1),
  ...named('t3', '/ins/append', 't3_ins_append_', T3('append')),
  ...named('t3', '/ins/replace', 't3_ins_replace_', T3('replace')),
  ...named('t6', '/api', 't6_api_', T6),
  ...named('t7', '/r', 't7_r_', T7),
];
