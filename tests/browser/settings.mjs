// Settings of a demo, changed by its API as an administrator would.

/** An administrator of the demo, who calls actions. */
export async function administrator(demo) {
  const call = async (action, body, token) => {
    const response = await fetch(`${demo.origin}/api/${action}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${action}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const { token } = await call('auth:signIn', { account: 'nocobase', password: 'admin123' });
  const signed = (action, body) => call(action, body, token);
  const find = async (name) => (await signed('authenticators:list', {})).find((row) => row.name === name);
  return {
    call: signed,
    token,
    /** Changes options of an authenticator; the others stay. */
    async setOptions(name, { public: shown, ...rest }) {
      const { id, options } = await find(name);
      await signed(`authenticators:update?filterByTk=${id}`, { options: { ...options, ...rest, public: { ...options.public, ...shown } } });
    },
    async set(name, values) {
      const { id } = await find(name);
      await signed(`authenticators:update?filterByTk=${id}`, values);
    },
    /** Another authenticator like the demo's own. */
    async add(name, secret, values = {}) {
      const { options } = await find('dingtalk');
      await signed('authenticators:create', {
        name, authType: 'dingtalk', enabled: true, ...values, options: { ...options, clientSecret: secret },
      });
    },
    async remove(name) {
      const { id } = await find(name);
      await signed(`authenticators:destroy?filterByTk=${id}`, {});
    },
  };
}

/**
 * Opens a page as somebody who signed in before. The token is there before any script of the page runs, and is not put there
 * again: whoever signs out later stays out.
 */
export async function openAs(page, token, url) {
  const entered = await page.addInitScript((value) => {
    // The empty page that a tab begins with has no storage.
    if (window.origin !== 'null') localStorage.setItem('NOCOBASE_TOKEN', value);
  }, token);
  await page.goto(url);
  await entered.dispose();
}

/** Opens the settings page «DingTalk» as root. */
export async function openPage(page, demo, generation) {
  const { token } = await administrator(demo);
  await openAs(page, token, `${demo.origin}${generation.admin}/settings/auth-dingtalk`);
}
