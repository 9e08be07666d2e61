// A screen with a keyboard and a mouse: what is pressed here reaches the browser's own window, as a driver's keys do
// not.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ready, startChild } from '../shared/child.mjs';
import { until } from '../shared/wait.mjs';

const [WIDTH, HEIGHT] = [1280, 900];
const XDOTOOL_SECONDS = 10;
/// Where no page and no tab has anything to point at.
const NOWHERE = { x: WIDTH - 40, y: HEIGHT - 40 };
const WINDOW = '(Chromium|Mozilla Firefox)$';

export class Screen {
  static async open() {
    const server = startChild('Xvfb', ['-displayfd', '1', '-screen', '0', `${WIDTH}x${HEIGHT}x24`, '-nolisten', 'tcp']);
    const display = () => /^(\d+)$/m.exec(server.output())?.[1];
    await ready(server, 'the screen', display, { every: 20 });
    return new Screen(server, `:${display()}`);
  }

  constructor(server, display) {
    this.server = server;
    // Menus in a language whose letters we know.
    this.env = { DISPLAY: display, LANGUAGE: 'en', LC_ALL: 'C.UTF-8' };
    this.size = { width: WIDTH, height: HEIGHT };
  }

  stop() {
    return this.server.stop();
  }

  /// There is no window manager: the keyboard is given to the browser's window.
  async takeKeyboard() {
    const take = () => this.#xdotool('search', '--onlyvisible', '--name', WINDOW, 'windowfocus').then(() => true);
    await until("the browser's window", take, { every: 50 });
  }

  press(key) {
    return this.#xdotool('key', key);
  }

  async click({ x, y }, button = 1) {
    await this.#xdotool('mousemove', String(Math.round(x)), String(Math.round(y)), 'click', String(button));
  }

  rest() {
    return this.#xdotool('mousemove', String(NOWHERE.x), String(NOWHERE.y));
  }

  /// Opens a menu by the mouse, and chooses from it by its letter.
  async choose(place, letter) {
    const before = await this.#windows();
    await this.click(place, 3);
    await until('a menu', async () => (await this.#windows()) > before, { seconds: 5, every: 20 });
    await this.press(letter);
  }

  async #windows() {
    return (await this.#xdotool('search', '--onlyvisible', '--name', '')).split('\n').length;
  }

  async #xdotool(...words) {
    const options = { env: { ...process.env, ...this.env }, timeout: XDOTOOL_SECONDS * 1000 };
    const { stdout } = await promisify(execFile)('xdotool', words, options);
    return stdout.trim();
  }
}
