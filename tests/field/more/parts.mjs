// t1, t6: what scripts ask for and put into a page. A frame or link in it is shown as one of the page itself is.

import { REVENUE } from '../config.mjs';
import { SLOT, answer, around, bare, cases, coded, gzip } from './bytes.mjs';

const XML = 'text/xml; charset=utf-8';
const STREAM = 'text/vnd.turbo-stream.html; charset=utf-8';
const PLAIN = 'text/plain; charset=utf-8';
const A = `<a href='${REVENUE}'>r</a>`;
/// A script gets links, on both sites.
const fetched = (slots, more = {}) => ({ slots, ask: 'fetch', ...more });
const SAME = { same: true, ask: 'fetch' };
const JSON_AS_PAGE = { ...SAME, notes: ['json_as_page'] };

const jsf = (...updates) =>
  `<?xml version='1.0' encoding='UTF-8'?>\n<partial-response id="j_id1"><changes>${updates.join('')}` +
  '<update id="j_id1:javax.faces.ViewState:0"><![CDATA[-4617:88]]></update></changes></partial-response>';
const update = (markup) => `<update id="form:panel"><![CDATA[${markup}]]></update>`;
const wicket = (markup) =>
  `<?xml version="1.0" encoding="UTF-8"?><ajax-response><component id="a1" ><![CDATA[${markup}]]></component>` +
  '<evaluate><![CDATA[if (a<b) { c("<d>"); }]]></evaluate></ajax-response>';
const XHTML = (body) => `<html xmlns="http://www.w3.org/1999/xhtml"><body><div id="a">${body}</div></body></html>`;

const parts = {
  'xml-jsf': [bare(jsf(update(`<p>x</p>${SLOT}`)), XML), fetched('L', { ask: 'api-post' })],
  'xml-jsf-two': [bare(jsf(update(SLOT), update(A)), XML), fetched('LL')],
  'xml-jsf-frame-open': [bare(jsf(update('<iframe src="/x"/>'), update(SLOT)), XML), fetched('L')],
  'xml-jsf-cut-tags': [
    bare(jsf(update('<p title="'), update(SLOT), update('<script>'), update(SLOT)), XML),
    fetched('LL'),
  ],
  'xml-jsf-view': [bare(jsf(update(around(SLOT))), 'text/xml'), fetched('L')],
  'xml-jsf-textarea': [bare(jsf(update(`<textarea>${SLOT}</textarea>${SLOT}`)), XML), fetched('-L')],
  'xml-jsf-gzip': [coded('gzip', gzip(jsf(update(SLOT))), XML), fetched('L')],
  'xml-jsf-redirect': [
    bare(`<partial-response><redirect url="${REVENUE}?Region=EMEA"></redirect></partial-response>`, XML),
    fetched('L', { links: ['revenue?Region=EMEA'] }),
  ],
  'xml-jsf-eval': [
    bare(jsf(`<eval><![CDATA[x("${SLOT.replaceAll('"', "'")}")]]></eval>`, update(SLOT)), XML),
    fetched('-L'),
  ],
  'xml-jsf-script': [
    bare(jsf(update(`<script>//<![CDATA[\nx("a")\n//]]]]><![CDATA[>\n</script><p>${SLOT}</p>`)), XML),
    fetched('L'),
  ],
  'xml-adf': [
    bare(
      `<?xml version="1.0" ?>\n<?Adf-Rich-Response-Type ?>\n<content action="/x">` +
        `<s><![CDATA[${'f();'.repeat(500)}]]></s><fragment><![CDATA[<div>${SLOT}</div>]]></fragment></content>`,
      XML,
    ),
    fetched('L'),
  ],
  'xml-wicket': [bare(wicket(` \n<div>${SLOT}${A}</div>`), XML), fetched('LL')],
  'xml-cdata': [bare(`<updates><content><![CDATA[<td>${SLOT}</td>]]></content></updates>`, XML), fetched('L')],
  'xml-xhtml': [bare(XHTML(SLOT), XML), fetched('L')],
  'xml-application': [bare(jsf(update(SLOT)), 'application/xml'), fetched('L')],
  'xml-data': [bare(`<rows><row url="${REVENUE}"/><iframe src="${REVENUE}"/></rows>`, XML), SAME],
  'xml-kind': [bare(`<feed><x><![CDATA[${SLOT}]]></x></feed>`, 'application/atom+xml'), SAME],
  'xml-shown': [bare(jsf(update(SLOT)), XML), { slots: '-' }],
  'turbo-stream': [
    bare(`<turbo-stream action="replace" target="x"><template>${SLOT}</template></turbo-stream>`, STREAM),
    fetched('L', { ask: 'api-post' }),
  ],
  'turbo-stream-two': [
    bare(`<turbo-stream><template><p>x</p></template></turbo-stream>\n`.repeat(2) + SLOT, STREAM),
    fetched('L'),
  ],
  'turbo-stream-page': [
    bare(around(`<turbo-stream action=append target=x><template>${SLOT}</template></turbo-stream>`)),
    { slots: 'F' },
  ],
  'turbo-template': [bare(around(`<turbo-frame><template>${SLOT}</template>${SLOT}</turbo-frame>`)), { slots: '-F' }],
};

/// PHP says `text/html` of everything that nobody names otherwise.
const single = SLOT.replaceAll('"', "'");
const json = {
  'json-object': [bare(JSON.stringify({ html: single, ok: true }), 'text/html'), JSON_AS_PAGE],
  'json-open': [bare(`\n { "html": "${A}" }`, 'text/html; charset=utf-8'), JSON_AS_PAGE],
  'json-list': [bare(JSON.stringify([[`<a href=${REVENUE}>r</a>`]]), 'text/html'), JSON_AS_PAGE],
  'json-mark': [bare(`\xef\xbb\xbf${JSON.stringify({ html: single })}`, 'text/html'), JSON_AS_PAGE],
  'json-guard': [bare(`)]}',\n${JSON.stringify({ html: single })}`, 'text/html'), JSON_AS_PAGE],
  'json-text': [bare(JSON.stringify(single), 'text/html'), JSON_AS_PAGE],
  'json-gzip': [
    coded('gzip', gzip(JSON.stringify({ html: single })), 'text/html'),
    fetched('-', { notes: JSON_AS_PAGE.notes }),
  ],
  'json-none': [bare(JSON.stringify({ html: '<b>x</b>' }), 'text/html'), { ...SAME, notes: 'any' }],
  'json-no-type': [answer([], JSON.stringify({ html: single })), SAME],
  'json-template': [bare(`{{#if x}}${SLOT}{{/if}}`, 'text/html'), fetched('L')],
  'json-brackets': [bare(`[1] ${SLOT}`, 'text/html'), fetched('L')],
  'json-shown': [bare(`{"html":"${single}"}`, 'text/html'), { slots: 'F' }],
  'script-quotes': [bare(`$('#x').html("${single}")`, 'text/html'), fetched('L')],
};

const svg = (attributes) => `<svg><a ${attributes}><rect/></a></svg>`;
const links = {
  'svg-link': [bare(around(svg(`href="${REVENUE}"`))), { slots: 'F' }],
  'svg-link-older': [bare(around(svg(`xlink:href="${REVENUE}" target="_top"`))), { slots: 'F' }],
  'svg-link-both': [bare(around(svg(`xlink:href='/x' href='${REVENUE}'`))), { slots: 'F' }],
  'svg-link-document': [
    bare(
      '<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" ' +
        `xmlns:xlink="http://www.w3.org/1999/xlink"><g><a xlink:href="${REVENUE}"><rect/></a></g></svg>`,
      'image/svg+xml',
    ),
    { slots: 'F' },
  ],
  'svg-link-none': [bare(`<svg><a href="${REVENUE}"/></svg>`, 'image/svg+xml'), { slots: '-' }],
  'math-link': [bare(around(`<math><a href="${REVENUE}">x</a></math>`)), { slots: '-' }],
  'html-link-older': [bare(around(`<a xlink:href="${REVENUE}">x</a>`)), { slots: '-' }],
  'sniff-xhtml': [answer([], `<?xml version="1.0"?>${XHTML(SLOT.replace('></iframe>', '/>'))}`), { slots: 'F' }],
};

/// Records of an UpdatePanel's answer.
const delta = (...records) => records.map(([kind, id, text]) => `${units(text)}|${kind}|${id}|${text}|`).join('');
const units = (text) => Buffer.from(text, 'latin1').toString().length;
const panel = (text) => ['updatePanel', 'ctl00_main', text];
const PAGE = [['#', '', '4'], panel(`<p>Gr\xc3\xb6\xc3\x9fe \xf0\x9f\x98\x80|</p>${SLOT}${A}`)];
const STATE = ['hiddenField', '__VIEWSTATE', '/wEPDwUKLTk='];
const delivered = (slots, more = {}) => ({ delta: true, slots, ask: 'delta', ...more });
const KEPT = { same: true, ask: 'delta' };
/// As .NET writes it.
const escapedUrl = encodeURIComponent(REVENUE).replace(/%../g, (code) => code.toLowerCase());
const deltas = {
  panel: [bare(delta(...PAGE, STATE), PLAIN), delivered('LL')],
  gzip: [coded('gzip', gzip(delta(...PAGE, STATE)), PLAIN), delivered('LL')],
  redirect: [bare(delta(['pageRedirect', '', escapedUrl]), PLAIN), delivered('', { redirect: 'revenue' })],
  'redirect-own': [bare(delta(['pageRedirect', '', '%2fdefault.aspx']), PLAIN), KEPT],
  nothing: [bare(delta(panel('<p>x</p>'), STATE), PLAIN), KEPT],
  'length-wrong': [bare(delta(...PAGE).replace('|updatePanel', '1|updatePanel'), PLAIN), noted('broken_delta')],
  'trace-behind': [bare(`${delta(...PAGE)}<!-- trace -->`, PLAIN), noted('broken_delta')],
  'no-delta': [bare(`12 ${SLOT}`, PLAIN), KEPT],
  unasked: [bare(delta(...PAGE), PLAIN), SAME],
};

function noted(note) {
  return { ...KEPT, notes: [note] };
}

export const PARTS = [
  ...cases('t1', '/c', { ...parts, ...json, ...links }),
  ...cases('t6', '/c', deltas).map((one) => ({ ...one, name: one.name.replace('more_', 'more_delta-') })),
];
