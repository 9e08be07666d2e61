// Every stand-in.

import { custom, entraLike, keycloakLike, oauth2Proxy, rfc9068 } from './bearers.mjs';
import { alb, azure, cloudflare, iap, iapExternal, pomerium } from './stand_ins.mjs';

export const STAND_INS = [
  alb,
  iap,
  iapExternal,
  cloudflare,
  azure,
  pomerium,
  rfc9068,
  keycloakLike,
  entraLike,
  oauth2Proxy,
  custom,
];
