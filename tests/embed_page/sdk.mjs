// Sigma's own packages, served as they are on npm; React's UMD build stands behind the bare name `react`.

import fs from 'node:fs';

const FILES = {
  '/npm/embed-sdk.mjs': '@sigmacomputing/embed-sdk/dist/index.mjs',
  '/npm/react-embed-sdk.mjs': '@sigmacomputing/react-embed-sdk/dist/index.mjs',
  '/npm/react.js': 'react/umd/react.production.min.js',
  '/npm/react-dom.js': 'react-dom/umd/react-dom.production.min.js',
};
const REACT = 'export const { useCallback, useEffect, useRef, useState } = window.React;';
const IMPORTS = { imports: { react: '/npm/react.mjs', '@sigmacomputing/embed-sdk': '/npm/embed-sdk.mjs' } };

export function sdkFile(pathname) {
  const name = FILES[pathname];
  if (!name && pathname !== '/npm/react.mjs') return { status: 404 };
  const body = name ? fs.readFileSync(new URL(`./node_modules/${name}`, import.meta.url), 'utf8') : REACT;
  return { headers: { 'content-type': 'text/javascript; charset=utf-8' }, body };
}

/// A page that listens with every listener of the SDK, and keeps what each of them was given.
export const SDK_PAGE = `<script type="module">
  import * as sdk from '/npm/embed-sdk.mjs';
  const frame = () => document.querySelector('iframe');
  window.got = {};
  for (const name of Object.keys(sdk).filter((one) => one.endsWith('Listener'))) {
    got[name] = [];
    addEventListener('message', (event) => sdk[name](event, frame(), (data) => got[name].push(data)));
  }
  sdk.DO_NOT_USE_IN_PRODUCTION_overrideMutationUrl(sigma);
  window.call = (name, ...values) => sdk[name](frame(), ...values);
  window.isListening = true;
</script>`;

/// The same with each hook of the React SDK, around a frame of React's making; the link comes later, as from a fetch.
export const REACT_PAGE = `<script type="importmap">${JSON.stringify(IMPORTS)}</script>
<script src="/npm/react.js"></script><script src="/npm/react-dom.js"></script><div id="app"></div><script type="module">
  import * as sdk from '/npm/react-embed-sdk.mjs';
  const OWN = ['useSigmaIframe', 'usePageHeight', 'useWorkbookVariables'];
  const hooks = Object.keys(sdk).filter((name) => name.startsWith('use') && !OWN.includes(name));
  window.got = Object.fromEntries(hooks.map((name) => [name, []]));
  const listeners = Object.fromEntries(hooks.map((name) => [name, (data) => got[name].push(data)]));
  function App() {
    const { iframeRef, loading, error, variables } = sdk.useSigmaIframe();
    const height = sdk.usePageHeight(iframeRef);
    const { getVariables, setVariables } = sdk.useWorkbookVariables(iframeRef);
    for (const name of hooks) sdk[name](iframeRef, listeners[name]);
    window.state = { loading, error, variables, height };
    Object.assign(window, { getVariables, setVariables, call: (name, ...values) => sdk[name](iframeRef, ...values) });
    return React.createElement('iframe', { ref: iframeRef, src: window.link, width: 700, height: 400 });
  }
  sdk.DO_NOT_USE_IN_PRODUCTION_overrideMutationUrl(sigma);
  window.link = new URLSearchParams(location.search).get('link');
  ReactDOM.createRoot(document.getElementById('app')).render(React.createElement(App));
  window.isListening = true;
</script>`;
