// What a till's screen said, kept outside of the browser, so that it outlives a kill.
import { EventEmitter, once } from 'node:events';

const PRESS_MS_MAX = 15_000;

export class Witness {
  /** What was called paid: `{ receipt, at }`, in ms since 1970 by the page's clock. */
  paid = [];
  /** Which buttons were pressed: `{ name, at }`. */
  presses = [];
  #news = new EventEmitter();

  /** Watches every page that the device opens from now on. */
  static async of({ context }) {
    const witness = new Witness();
    await context.exposeBinding('tillmeshWitness', (_, kind, words, at) => {
      if (kind === 'paid') return witness.paid.push({ receipt: words, at });
      witness.presses.push({ name: words, at });
      return witness.#news.emit(words);
    });
    await context.addInitScript(watch);
    return witness;
  }

  /** What was seen until now does not count. */
  forget() {
    this.paid.length = 0;
    this.presses.length = 0;
  }

  /** Waits until a button of this name was pressed, and no longer: what then happens is quick. */
  async pressed(name) {
    if (this.presses.some((press) => press.name === name)) return;
    await once(this.#news, name, { signal: AbortSignal.timeout(PRESS_MS_MAX) });
  }
}

/** Runs in the page: tells of presses before the app hears of them, and of "Paid" when it stands there. */
function watch() {
  const tell = (kind, words) => window.tillmeshWitness(kind, words, performance.timeOrigin + performance.now());
  window.addEventListener('click', ({ target }) => {
    const button = target.closest?.('button');
    if (button) tell('pressed', button.textContent.trim());
  }, { capture: true });
  let last;
  new MutationObserver(() => {
    const said = [...document.querySelectorAll('[role=status]')].map((status) => (
      status.textContent.match(/Paid · Receipt (\S+)/)?.[1]
    ));
    const receipt = said.find(Boolean);
    if (receipt && receipt !== last) tell('paid', receipt);
    last = receipt;
  }).observe(document, { childList: true, subtree: true, characterData: true });
}
