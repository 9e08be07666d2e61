// Sigma's own packages, served as they are on npm; React's UMD build stands behind the bare name `react`.

import fs from 'node:fs';

const FILES = {
  '/npm/embed-sdk.mjs': '@sigmacomputing/embed-sdk/dist/index.mjs',
  '/npm/react-embed-sdk.mjs': '@sigmacomputing/react-embed-sdk/dist/index.mjs',
  '/npm/react.js': 'react/umd/react.production.min.js',
  '/npm/react-dom.js': 'react-dom/umd/react-dom.production.min.js',
};
const REACT = 'export const { useCallback, useEffect, useRef, useState } = window.React;';

/// What an import map has to say, for the page that imports the packages.
export const IMPORTS = {
  imports: { react: '/npm/react.mjs', '@sigmacomputing/embed-sdk': '/npm/embed-sdk.mjs' },
};

export function sdkFile(pathname) {
  const name = FILES[pathname];
  if (!name && pathname !== '/npm/react.mjs') return { status: 404 };
  const body = name ? fs.readFileSync(new URL(`./node_modules/${name}`, import.meta.url), 'utf8') : REACT;
  return { headers: { 'content-type': 'text/javascript; charset=utf-8' }, body };
}
