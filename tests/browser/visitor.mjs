// A page for one story after the other. Chromium compiles NocoBase's client, some ten megabytes of scripts, for each new
// context, which is most of the time of a story; a page that has had the client before takes a third of it.

/** What Playwright gives a page unless something else is asked for. */
const VIEWPORT = { width: 1280, height: 720 };

/** Visitors whom no story needs at the moment, by browser. */
const idle = new WeakMap();

/**
 * Has everything that moves on a page arrive at once. The ring around a pressed button alone fades for two seconds, which are
 * drawn and waited for in each story; with this, stories about how pages look take half as long.
 */
async function hurry(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Animation.enable');
  await session.send('Animation.setPlaybackRate', { playbackRate: 100 });
}

/**
 * Somebody who was never here: without cookies, without anything in `localStorage` or `sessionStorage`, and without a script,
 * a route or a listener of an earlier story. Only what the server lets browsers cache may be there already.
 */
export class Visitor {
  #added = [];
  #userAgent;

  static async arrive(browser, { viewport = VIEWPORT, userAgent } = {}) {
    if (!idle.has(browser)) idle.set(browser, []);
    const known = idle.get(browser).findIndex((visitor) => visitor.#userAgent === userAgent);
    if (known >= 0) {
      const [visitor] = idle.get(browser).splice(known, 1);
      await visitor.page.setViewportSize(viewport);
      return visitor;
    }
    const context = await browser.newContext({ viewport, userAgent });
    const page = await context.newPage();
    await hurry(page);
    // One that closes at once moves no more.
    context.on('page', (other) => void hurry(other).catch(() => {}));
    return new Visitor(browser, page, userAgent);
  }

  constructor(browser, page, userAgent) {
    Object.assign(this, { browser, page, context: page.context() });
    this.#userAgent = userAgent;
    for (const target of [this.page, this.context]) this.#remember(target);
  }

  /** Notes what a story adds, wherever it does, so that it can be taken away. */
  #remember(target) {
    for (const name of ['addInitScript', 'exposeBinding']) {
      const add = target[name].bind(target);
      target[name] = async (...values) => {
        const added = await add(...values);
        this.#added.push(() => added.dispose());
        return added;
      };
    }
    const on = target.on.bind(target);
    target.on = (event, listener) => {
      this.#added.push(() => target.off(event, listener));
      return on(event, listener);
    };
  }

  /** Forgets what is stored of these origins, and is there for the next story. */
  async leave(origins) {
    const { page, context } = this;
    try {
      // The page ends while it is still watched, as it would when its context is closed.
      await page.goto('about:blank');
      for (const other of context.pages()) if (other !== page) await other.close();
      for (const target of [page, context]) await target.unrouteAll({ behavior: 'ignoreErrors' });
      for (const remove of this.#added.splice(0)) await remove();
      await context.clearCookies();
      await context.clearPermissions();
      // An empty page of each origin: what is stored belongs to the origin, and a page of the client would store more.
      await page.route('**', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
      for (const origin of origins) {
        await page.goto(origin);
        await page.evaluate(() => {
          localStorage.clear();
          sessionStorage.clear();
        });
      }
      await page.unrouteAll();
      await page.mouse.move(0, 0);
      await page.goto('about:blank');
      idle.get(this.browser).push(this);
    } catch {
      // The story is over and was good. Its page may have closed, or be on its way somewhere.
      await this.vanish();
    }
  }

  /** Is never seen again: nobody knows in which state the page is, of a story that failed, say. */
  async vanish() {
    await this.context.close();
  }
}
