// The ways in which code of a page makes a frame, or opens a window, with a URL that it has as a string. `CONFIG` comes
// from a script of the application's own: `url`, and as `markup` the same for HTML; `part`, `tagged`; `signed`,
// `unknown`.
//
// `same` is an expression that is true where the page reads what it wrote. `embeds` come on show; `plain` URLs reach
// Sigma.

const FRAME = 'const frame = document.createElement("iframe");';
const SHOW = 'document.body.append(frame);';
const IS_SAME = 'document.querySelector("iframe").src === CONFIG.url';
const HAS_SAME = 'document.querySelector("iframe").getAttribute("src") === CONFIG.url';
const MARKUP = `'<p>before</p><iframe title="a > b" src="' + CONFIG.markup + '"></iframe><p>behind</p>'`;

export const WAYS = [
  { name: 'src', code: `${FRAME} frame.src = CONFIG.url; ${SHOW}`, same: IS_SAME },
  { name: 'src of a frame that is there', code: `${FRAME} ${SHOW} frame.src = CONFIG.url;`, same: HAS_SAME },
  { name: 'src, a URL object', code: `${FRAME} frame.src = new URL(CONFIG.url); ${SHOW}`, same: HAS_SAME },
  { name: 'src, without a scheme', code: `${FRAME} frame.src = CONFIG.url.slice(5); ${SHOW}`, same: IS_SAME },
  { name: 'src, with space around', code: `${FRAME} frame.src = "\\n " + CONFIG.url; ${SHOW}`, same: IS_SAME },
  {
    name: 'Object.assign',
    code: `Object.assign(document.body.appendChild(document.createElement("iframe")), {
src: CONFIG.url, width: 300 });`,
  },
  { name: 'src, a page of a workbook', code: `${FRAME} frame.src = CONFIG.part; ${SHOW}` },
  { name: 'src, a tagged version', code: `${FRAME} frame.src = CONFIG.tagged; ${SHOW}` },
  { name: 'setAttribute', code: `${FRAME} frame.setAttribute("SRC", CONFIG.url); ${SHOW}`, same: HAS_SAME },
  { name: 'setAttributeNS', code: `${FRAME} frame.setAttributeNS(null, "src", CONFIG.url); ${SHOW}`, same: HAS_SAME },
  {
    name: 'setAttributeNode',
    code: `${FRAME} const attr = document.createAttribute("src"); attr.value = CONFIG.url;
frame.setAttributeNode(attr); ${SHOW}`,
    same: `${HAS_SAME} && document.querySelector("iframe").attributes.src.value === CONFIG.url`,
  },
  {
    name: 'the value of an attribute',
    code: `${FRAME} frame.setAttribute("src", ""); frame.attributes.src.value = CONFIG.url; ${SHOW}`,
    same: HAS_SAME,
  },
  {
    name: 'innerHTML',
    code: `document.body.innerHTML = ${MARKUP};`,
    same: `${HAS_SAME} && document.body.innerHTML.includes('src="' + CONFIG.markup + '"')`,
  },
  {
    name: 'innerHTML, odd spellings',
    code: `document.body.innerHTML = \`<IFRAME SRC='\${CONFIG.markup}'></IFRAME>
<iframe src = \${CONFIG.markup}></iframe>\`;`,
    embeds: 2,
    same: HAS_SAME,
  },
  { name: 'outerHTML', body: '<p id="p">p</p>', code: `document.getElementById("p").outerHTML = ${MARKUP};` },
  { name: 'insertAdjacentHTML', code: `document.body.insertAdjacentHTML("beforeend", ${MARKUP});`, same: HAS_SAME },
  { name: 'document.write', code: `document.write("<p>", ${MARKUP}, "</p>");`, same: HAS_SAME },
  {
    name: 'document.write behind the end',
    code: `addEventListener("load", () => { document.write(${MARKUP}); document.close(); });`,
  },
  {
    name: 'srcdoc',
    code: `${FRAME} frame.srcdoc = ${MARKUP}; ${SHOW}`,
    same: `document.querySelector("iframe").srcdoc === ${MARKUP}`,
  },
  {
    name: 'DOMParser, adopted',
    code: `const parsed = new DOMParser().parseFromString(${MARKUP}, "text/html");
document.body.append(document.adoptNode(parsed.querySelector("iframe")));`,
    same: IS_SAME,
  },
  {
    name: 'createContextualFragment',
    code: `document.body.append(document.createRange().createContextualFragment(${MARKUP}));`,
  },
  {
    name: 'a template, imported',
    code: `const template = document.createElement("template"); template.innerHTML = ${MARKUP};
document.body.append(document.importNode(template.content, true));`,
  },
  {
    name: 'a template of the page, cloned',
    body: '<template id="t"></template>',
    code: `const t = document.getElementById("t"); t.innerHTML = ${MARKUP};
document.body.append(t.content.cloneNode(true));`,
  },
  { name: 'a shadow root', code: `document.body.attachShadow({ mode: "closed" }).innerHTML = ${MARKUP};` },
  { name: 'setHTMLUnsafe', code: `document.body.setHTMLUnsafe(${MARKUP});` },
  {
    name: 'an element of the page',
    body: '<x-embed></x-embed>',
    code: `customElements.define("x-embed", class extends HTMLElement { connectedCallback() { this.attachShadow({
mode: "open" }).innerHTML = ${MARKUP}; } });`,
  },
  {
    name: 'object',
    code: `const object = document.createElement("object"); object.data = CONFIG.url; document.body.append(object);`,
    same: 'document.querySelector("object").data === CONFIG.url',
  },
  {
    name: 'embed',
    code: `const embed = document.createElement("embed"); embed.src = CONFIG.url; document.body.append(embed);`,
    same: 'document.querySelector("embed").src === CONFIG.url',
  },
  {
    name: 'a frame of a frameset',
    document: `<html><head><script src="/config.js"></script></head>
<frameset cols="50%,50%" onload="frames[0].frameElement.src = CONFIG.url">
<frame src="/elsewhere"><frame src="/elsewhere"></frameset></html>`,
  },
  { name: 'window.open', code: 'window.open(CONFIG.url);' },
  {
    name: 'window.open into a frame',
    body: '<iframe name="there"></iframe>',
    code: 'window.open(CONFIG.url, "there");',
  },
  {
    name: 'a link into a frame',
    body: '<iframe name="there"></iframe><a id="a" target="there">there</a>',
    code: `const a = document.getElementById("a"); a.href = CONFIG.url;
setTimeout(() => a.firstChild.parentNode.click());`,
    same: `document.getElementById("a").href === CONFIG.url
&& document.getElementById("a").host === new URL(CONFIG.url).host`,
  },
  {
    name: 'a link that is nowhere',
    code: 'const a = document.createElement("a"); Object.assign(a, { href: CONFIG.url, target: "_blank" }).click();',
  },
  { name: 'location', code: 'setTimeout(() => { location.href = CONFIG.url; }, 300);' },
  {
    name: 'a frame of a frame without a page',
    code: `${FRAME} ${SHOW} const inner = frame.contentDocument; inner.open(); inner.write(${MARKUP});
inner.close();`,
  },
  {
    name: 'a window without a page',
    code: `const view = window.open(""); view.document.write(${MARKUP}); view.document.close();`,
  },
  {
    name: 'data-src, loaded when it is seen',
    body: '<iframe class="lazy"></iframe>',
    code: `const lazy = document.querySelector(".lazy"); lazy.setAttribute("data-src", CONFIG.url);
new IntersectionObserver((seen, observer) => { observer.disconnect(); lazy.src = lazy.dataset.src; }).observe(lazy);`,
    same: `${HAS_SAME} && document.querySelector("iframe").dataset.src === CONFIG.url`,
  },
  {
    name: 'jQuery 1, attr',
    libraries: ['jquery1'],
    code: '$("<iframe>").attr("src", CONFIG.url).appendTo("body");',
    same: '$("iframe").attr("src") === CONFIG.url',
  },
  {
    name: 'jQuery 1, markup',
    libraries: ['jquery1'],
    code: `$("body").append(${MARKUP});`,
    same: '$("iframe").prop("src") === CONFIG.url',
  },
  {
    name: 'jQuery 3, attr',
    libraries: ['jquery'],
    code: '$("<iframe>", { src: CONFIG.url }).appendTo("body");',
    same: '$("iframe").attr("src") === CONFIG.url',
  },
  {
    name: 'jQuery 3, markup',
    libraries: ['jquery'],
    code: `$("body").html(${MARKUP});`,
    same: '$("iframe").prop("src") === CONFIG.url',
  },
  {
    name: 'jQuery 3, an answer of an API',
    libraries: ['jquery'],
    code: '$.getJSON("/api/widget", ({ address }) => $("body").append($("<iframe>").prop("src", address)));',
    same: IS_SAME,
  },
  {
    name: 'React',
    libraries: ['react', 'react-dom'],
    body: '<div id="root"></div>',
    code: `const { createElement, useState, useEffect } = React;
const View = () => {
  const [count, setCount] = useState(0);
  useEffect(() => { if (count < 3) setTimeout(() => setCount(count + 1), 50); });
  return createElement("iframe", { src: CONFIG.url, title: String(count) });
};
ReactDOM.createRoot(document.getElementById("root")).render(createElement(View));`,
    same: HAS_SAME,
  },
  {
    name: 'React, markup',
    libraries: ['react', 'react-dom'],
    body: '<div id="root"></div>',
    code: `ReactDOM.createRoot(document.getElementById("root")).render(React.createElement("div", {
dangerouslySetInnerHTML: { __html: ${MARKUP} } }));`,
  },
  {
    name: 'AngularJS',
    libraries: ['angular'],
    body: '<div ng-app="app" ng-controller="c"><iframe ng-src="{{url}}"></iframe></div>',
    code: `angular.module("app", []).controller("c", ["$scope", "$sce", ($scope, $sce) => {
$scope.url = $sce.trustAsResourceUrl(CONFIG.url); }]);`,
    same: HAS_SAME,
  },
  { name: 'htmx', libraries: ['htmx'], body: '<div hx-get="/fragment" hx-trigger="load">wait</div>' },
  {
    name: 'Turbolinks',
    libraries: ['turbolinks'],
    code: `if (!window.went) { window.went = true; Turbolinks.start();
setTimeout(() => Turbolinks.visit("/next/page"), 200); }`,
  },
  {
    name: 'an UpdatePanel',
    body: '<div id="panel"></div>',
    code: `const xhr = new XMLHttpRequest(); xhr.open("POST", "/partial");
xhr.onload = () => {
  const [length, , id] = xhr.responseText.split("|");
  const start = [length, "updatePanel", id, ""].join("|").length;
  document.getElementById(id).innerHTML = xhr.responseText.slice(start, start + Number(length));
};
xhr.send("x=1");`,
    same: HAS_SAME,
  },
  {
    name: 'code in a string',
    code: `eval('const made = document.createElement("iframe"); made.src = CONFIG.url; document.body.append(made)');`,
    same: IS_SAME,
  },
  {
    name: 'a page that freezes and patches the same',
    code: `const { get, set } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "src");
Object.defineProperty(HTMLIFrameElement.prototype, "src", { get, set(value) { set.call(this, value); } });
Element.prototype.setAttribute = null; Reflect.apply = null;
String.prototype.startsWith = function startsWith(text) { return this.indexOf(text) === 0; };
Object.freeze(Element.prototype); Object.freeze(HTMLIFrameElement.prototype); ${FRAME} frame.src = CONFIG.url; ${SHOW}`,
    same: IS_SAME,
  },
  {
    name: 'a page with Trusted Types, by src',
    headers: { 'content-security-policy': "require-trusted-types-for 'script'" },
    code: `${FRAME} frame.src = CONFIG.url; ${SHOW}`,
    same: IS_SAME,
  },
  {
    name: 'a page that takes scripts by nonce only',
    headers: { 'content-security-policy': "script-src 'nonce-abc' 'strict-dynamic'" },
    document: `<!doctype html><html><head><title>x</title></head><body>
<script nonce="abc" src="/config.js"></script>
<script nonce="abc">${FRAME} frame.src = CONFIG.url; ${SHOW}</script></body></html>`,
  },
  {
    name: 'a page without a head',
    document: `<script src="/config.js"></script><p>no head</p><script>${FRAME} frame.src = CONFIG.url;
${SHOW}</script>`,
  },

  // ---- What stays as it is ----------------------------------------------------------------------------------------
  {
    name: 'a URL that the application has signed',
    code: `${FRAME} frame.src = CONFIG.signed;
${SHOW} const markup = CONFIG.signed.replaceAll("&", "&amp;");
document.body.insertAdjacentHTML("beforeend", '<iframe src="' + markup + '"></iframe>');`,
    embeds: 0,
    plain: 2,
    same: '[...document.querySelectorAll("iframe")].every(({ src }) => src === CONFIG.signed)',
  },
  {
    name: 'a workbook that no embed is',
    code: `${FRAME} frame.src = CONFIG.unknown; ${SHOW} window.open(CONFIG.unknown);`,
    embeds: 0,
    plain: 2,
    same: 'document.querySelector("iframe").src === CONFIG.unknown',
  },
  {
    name: 'text that only looks like a frame',
    code: `const frame = '<iframe src="' + CONFIG.url + '">';
document.body.innerHTML = "<textarea>" + frame + "</textarea><!--" + frame + "--><p title='" + frame + "'></p>";
document.querySelector("p").append(CONFIG.url);`,
    embeds: 0,
    same: `const markup = '<iframe src="' + CONFIG.url + '">';
document.querySelector("textarea").value === markup && document.querySelector("p").title === markup
&& document.body.textContent.includes(CONFIG.url)`,
  },
  {
    name: 'errors of the page itself',
    code: `const thrown = (what) => { try { what(); } catch (error) { return error.name; } return "nothing"; };
const { get } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "src");
window.thrown = [
  () => document.body.insertAdjacentHTML("nowhere", "x"),
  () => document.body.setAttribute("src"),
  () => document.body.setAttribute("1 2", CONFIG.url),
  () => get.call({}),
  () => document.createElement("iframe").setAttribute("src", Symbol()),
].map(thrown).join();`,
    embeds: 0,
    same: 'window.thrown === "SyntaxError,TypeError,InvalidCharacterError,TypeError,TypeError"',
  },
];
