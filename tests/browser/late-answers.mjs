// A network on which answers come late and in another order, for stories that look at a page before it knows anything.

/** The most that a question of a page waits before it is sent, in milliseconds. */
const MOST_MS = Number(process.env.LATE_ANSWERS_MS ?? 0);

/**
 * Holds every question that scripts ask of the API back for a random time, in all pages of this context. It is done in the page
 * because a context whose requests Playwright holds up has no cache.
 */
export async function delayAnswers(context) {
  if (!(MOST_MS > 0)) return;
  await context.addInitScript((most) => {
    const { open, send, abort } = XMLHttpRequest.prototype;
    const asked = new WeakMap();
    Object.assign(XMLHttpRequest.prototype, {
      open(method, url, isAsync = true, ...more) {
        asked.set(this, isAsync && String(url).includes('/api/'));
        return open.call(this, method, url, isAsync, ...more);
      },
      send(body) {
        if (!asked.get(this)) {
          send.call(this, body);
          return;
        }
        setTimeout(() => asked.get(this) && send.call(this, body), Math.random() * most);
      },
      abort() {
        asked.set(this, false);
        abort.call(this);
      },
    });
    const { fetch } = window;
    window.fetch = async (...values) => {
      await new Promise((resume) => { setTimeout(resume, Math.random() * most); });
      return fetch(...values);
    };
  }, MOST_MS);
}
