// Every way in which a page of the application can hold an embed: what the application serves for it.
//
// A way has a page at `/way/NAME`. Its frame is called `report`, as applications do that send links into a frame. Some
// pages are reached from a start page by a library that follows links itself.

export const LINK = '/sigma/embed/revenue';
const SIZE = 'width="600" height="200"';

export const frame = (attributes) => `<iframe name="report" ${SIZE} ${attributes}></iframe>`;
const HAND = frame(`src="${LINK}"`);
export const SLOT = frame('data-sigma-embed="revenue"');
/// As it is documented.
const NAMELESS_SLOT = `<iframe ${SIZE} data-sigma-embed="revenue"></iframe>`;
const script = (text) => `<script>${text}</script>`;
const library = (name) => `<script src="/lib/${name}.js"></script>`;
const main = (content) => `<div id="main">${content}</div>`;
const MAIN = "document.getElementById('main')";

/// `body` is the page's; `frames` how many embeds it shows; `start` the body of a start page, with a link `go`;
/// `document` a whole document instead; `fragments` names the request header of a library that wants only the content.
export const WAYS = [
  { name: 'slot', body: NAMELESS_SLOT, isNameless: true },
  { name: 'named slot', body: SLOT },
  { name: 'hand-written', body: HAND },
  { name: 'route', body: frame('src="/reports/revenue.aspx"') },
  { name: 'redirect', body: frame('src="/old/report"') },
  {
    name: 'target',
    body: `<a id="go" target="report" href="${LINK}">Revenue</a>${frame('src="/inner"')}`,
    isClicked: true,
  },
  {
    name: 'frameset',
    document: `<frameset cols="50%,50%"><frame name="report" src="${LINK}"><frame name="menu" src="/menu"></frameset>`,
  },
  { name: 'object', body: `<object name="report" type="text/html" data="${LINK}" ${SIZE}></object>` },
  {
    name: 'createElement',
    body:
      main('') +
      script(`const made = document.createElement('iframe');
Object.assign(made, { name: 'report', width: 600, height: 200, src: '${LINK}' });
${MAIN}.append(made);`),
  },
  { name: 'innerHTML', body: main('') + script(`${MAIN}.innerHTML = '${HAND}';`) },
  { name: 'document.write', body: script(`document.write('${HAND.replace('</', '<\\/')}');`) },
  {
    name: 'jquery',
    body: library('jquery') + main('') + script("$(() => $('#main').load('/fragments/hand-written'));"),
  },
  {
    name: 'htmx',
    fragments: 'hx-request',
    head: library('htmx'),
    body: main(HAND),
    links: 'hx-get="$href" hx-target="#main" hx-push-url="true"',
  },
  { name: 'turbolinks', head: library('turbolinks'), body: main(HAND), links: '' },
  {
    name: 'pjax',
    fragments: 'x-pjax',
    head: library('jquery') + library('pjax') + script("$(() => $(document).pjax('a[data-pjax]', '#main'));"),
    body: main(HAND),
    links: 'data-pjax',
  },
  {
    name: 'moved',
    body: `${main(HAND)}<div id="other"></div>${script(`addEventListener('load', () => {
  setTimeout(() => document.getElementById('other').append(${MAIN}.firstElementChild), 100);
});`)}`,
  },
  {
    name: 'lazy',
    body: `<div style="height:5000px"></div>${frame(`loading="lazy" src="${LINK}"`)}${script(
      "addEventListener('pageshow', () => document.querySelector('iframe').scrollIntoView());",
    )}`,
  },
  {
    name: 'hidden',
    body: `<div id="main" style="display:none">${HAND}</div>${script(
      `addEventListener('load', () => setTimeout(() => (${MAIN}.style.display = ''), 100));`,
    )}`,
  },
  { name: 'several', frames: 3, body: HAND + HAND.replace('report', 'second') + SLOT.replace('report', 'third') },
  { name: 'frame in frame', body: `<iframe ${SIZE} src="/inner/embed"></iframe>` },
  {
    name: 'fetched slot',
    body:
      main('') +
      script(`fetch('/fragments/slot').then((answer) => answer.text()).then((text) => (${MAIN}.innerHTML = text));`),
  },
  { name: 'top level', path: LINK, isAlone: true },
  { name: 'new tab', body: `<a id="tab" target="_blank" href="${LINK}">Revenue</a>`, opensTab: true, isAlone: true },
].map((way) => ({ frames: 1, path: `/way/${slug(way)}`, ...way }));

function slug({ name }) {
  return name.replaceAll(' ', '-');
}

export const wayOf = (name) => WAYS.find((way) => slug(way) === name);

/// The links that each page has: away, into the frame, and for a start page to the page itself.
export function linksOf(way, query) {
  const link = (id, href, more) => `<a id="${id}" href="${href}" ${more.replace('$href', href)}>${id}</a>`;
  const follows = way.links ?? '';
  const away = way.links === undefined ? '/elsewhere' : `${way.path}/elsewhere`;
  return [
    link('leave', away, follows),
    link('into', '/inner', 'target="report"'),
    way.links === undefined ? '' : link('go', way.path + query, follows),
  ].join('\n');
}
