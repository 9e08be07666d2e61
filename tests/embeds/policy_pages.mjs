// Pages whose policies bind frames and scripts, as strict applications have them.

import { frame, LINK } from './ways.mjs';

const HAND = frame(`src="${LINK}"`);
const csp = (policy) => ({ 'content-security-policy': policy });
const NONCE = 'bm9uY2U';
const MADE = `const made = document.createElement('iframe');
made.width = 600; made.height = 200; made.src = '${LINK}'; document.body.append(made);`;

export const POLICIES = {
  'default-self': { headers: csp("default-src 'self'"), body: HAND },
  'frame-self': { headers: csp("frame-src 'self'; object-src 'none'"), body: HAND },
  'child-self': { headers: csp("child-src 'self'"), body: HAND },
  'no-scripts': { headers: csp("script-src 'none'; frame-src 'self'"), body: HAND },
  'nonce-only': {
    headers: csp(`script-src 'nonce-${NONCE}' 'strict-dynamic'; base-uri 'none'; frame-src 'self'`),
    body: `<script nonce="${NONCE}">${MADE}</script>`,
  },
  'trusted-types': {
    headers: csp("require-trusted-types-for 'script'; trusted-types 'none'; frame-src 'self'"),
    body: `<script>${MADE}</script>`,
  },
  'permissions-policy': {
    headers: { 'permissions-policy': 'fullscreen=(), clipboard-read=(), clipboard-write=()' },
    body: HAND,
  },
  'frame-options': { headers: { 'x-frame-options': 'DENY', ...csp("frame-ancestors 'none'") }, body: HAND },
};
