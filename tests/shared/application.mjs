// An application as a child process, once its page answers.

import { ready, startChild } from './child.mjs';
import { request } from './http.mjs';

const START_SECONDS = 60;

/// `page` is one on `port` that answers with 200.
export async function start({ name, command, args, cwd, env, port, page }) {
  const child = startChild(command, args, { cwd, env });
  const answers = async () => (await request(`http://127.0.0.1:${port}${page}`)).status === 200;
  await ready(child, `${name} to answer`, answers, { seconds: START_SECONDS });
  return child;
}
