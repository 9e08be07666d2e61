import { signedIn } from '../outcomes.mjs';

export default {
  ok: { about: 'nothing odd', expect: signedIn() },
};
