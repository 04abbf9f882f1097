// Signs people in inside DingTalk's client, which knows its user, without a click. This is plain AMD, like shared.js.
// The directive counts for all files of the script that the server sends.
'use strict';

// While this file runs, the current script is the plugin's index.js, as the server sent it.
define('dingtalk/in-app', [], ((moduleAddress) => () => {
  /** DingTalk's library, which is served beside this module. scripts/vendor/build.mjs creates it. */
  const JSAPI = '../vendor/dingtalk-jsapi.js?hash=b2c83abf';
  /** How long DingTalk's client may take. Some clients never answer. */
  const LIMIT_MS = 6000;
  /**
   * A mark in the session storage: sign-in was attempted in this window. It is not attempted again in the same window.
   */
  const TRIED = 'nocobase-dingtalk-in-app';
  /**
   * Errors of `runtime.permission.requestAuthCode`, which come as numbers or texts: the user cancelled, or the page is
   * not registered for the app.
   */
  const CANCELLED = '-1';
  const NOT_THE_APPS_PAGE = '3';
  /** The reasons of these errors, as words that the server accepts. */
  const REASONS = { [CANCELLED]: 'CANCELLED', [NOT_THE_APPS_PAGE]: 'PAGE_REFUSED' };
  /** The texts for failures before the server is called. None is shown when the user cancelled. */
  const NOT_SAID = 'DingTalk did not say who you are.';
  const TEXTS = {
    PAGE_REFUSED: 'DingTalk does not know this page.',
  };

  /** The failure, and the authenticator at whose button it is shown. */
  let failure = null;

  /** Whether this is DingTalk's client, and not the service that fetches previews of links. */
  function isInsideDingTalk(userAgent = navigator.userAgent) {
    return /DingTalk/i.test(userAgent) && !/DingTalk-LinkService/i.test(userAgent);
  }

  /**
   * Signs in the user of DingTalk's client before the application shows anything.
   *
   * This happens once in a window, whatever the result is, so that nobody is signed in again after signing out, and a
   * refusal does not repeat. A session of another user that began through DingTalk is ended and replaced. A session
   * that began in another way, such as with a password, was the user's choice and stays.
   *
   * Instead of asking for a code, the window can go to DingTalk's login page, which says who is there only afterwards:
   * then every session stays. `mayLeave` says whether it may go there by itself, and `leave` sends it to an address.
   */
  async function enter(app, home, { mayLeave, leave }) {
    if (!isInsideDingTalk() || !isFirstTime()) return;
    const { auth } = app.apiClient;
    try {
      const authenticator = await automaticAuthenticator(app);
      if (!authenticator) return;
      const session = { token: auth.getToken(), authenticator: auth.getAuthenticator() };
      if (!authenticator.options.inApp) {
        if (!session.token && mayLeave()) await goToLoginPage(app, authenticator, home, leave);
        return;
      }
      if (session.token && session.authenticator !== authenticator.name) return;
      await signIn(app, authenticator, session.token, home);
    } catch (error) {
      // The user can still press the button, and the server has logged the failure.
      console.warn('DingTalk did not sign anybody in', error);
    }
  }

  function isFirstTime() {
    try {
      const isFirst = sessionStorage.getItem(TRIED) === null;
      sessionStorage.setItem(TRIED, 'yes');
      return isFirst;
    } catch (error) {
      // Without session storage, the attempts could repeat without an end.
      return false;
    }
  }

  /** The first authenticator with sign-in inside DingTalk. */
  async function automaticAuthenticator(app) {
    const authenticators = await request(app, 'authenticators:publicList');
    return authenticators.find(({ authType, options }) => (
      authType === 'dingtalk' && options && (options.inApp || (options.autoSignIn && options.autoSignInBy === 'redirect'))
    ));
  }

  const isSignInPage = () => /\/signin\/?$/.test(location.pathname);

  /**
   * The page that the sign-in page was asked for. The server checks it again; here it only decides which generation's
   * start page is the fallback.
   */
  function askedOfSignInPage(home) {
    const asked = new URLSearchParams(location.search).get('redirect') || '';
    return /^\/(?![/\\])/.test(asked) ? asked : home;
  }

  /** Goes to DingTalk's login page, and from there to the page that was opened. */
  async function goToLoginPage(app, authenticator, home, leave) {
    const { pathname, search, hash } = location;
    try {
      leave(await request(app, 'dingtalk:getAuthUrl', {
        headers: { 'X-Authenticator': authenticator.name },
        body: { redirect: isSignInPage() ? askedOfSignInPage(home) : pathname + search + hash },
      }));
      await new Promise(() => {});
    } catch (error) {
      refused(authenticator, error);
    }
  }

  /** Keeps what the server said, to be shown at the button. Gives whether the open session is another user's. */
  function refused(authenticator, { refusal = {} }) {
    const { code, message, endsSession, request: number } = refusal;
    failure = { authenticator: authenticator.name, code, message, request: number };
    return endsSession;
  }

  async function signIn(app, authenticator, oldToken, home) {
    let code;
    try {
      code = await askForCode(authenticator.options.inApp);
    } catch (error) {
      console.warn('DingTalk gave no code', error);
      const reason = reasonOf(error);
      failure = { authenticator: authenticator.name, text: TEXTS[reason] || NOT_SAID, silent: reason === 'CANCELLED' };
      report(app, authenticator, reason);
      return;
    }
    const onSignInPage = isSignInPage();
    try {
      const data = await request(app, 'dingtalk:inAppSignIn', {
        headers: { 'X-Authenticator': authenticator.name },
        body: { code, redirect: askedOfSignInPage(home) },
      });
      await replaceSession(app, authenticator, oldToken, data);
      // On other pages, the application continues with the page that was requested.
      if (onSignInPage) {
        location.replace(data.redirect);
        await new Promise(() => {});
      }
    } catch (error) {
      // DingTalk has named a user who gets no session here, so the open session belongs to another user.
      if (refused(authenticator, error) && oldToken) {
        await end(app, oldToken);
        forget(app);
      }
    }
  }

  async function replaceSession(app, authenticator, oldToken, { token, user }) {
    const { auth } = app.apiClient;
    // Ending a session also deletes the cookies of the new one; the client requests them again later. The old session
    // of the same user may be in use in another window, so it is left to expire.
    if (oldToken && userOf(oldToken) !== user.id) await end(app, oldToken);
    auth.setRole('');
    auth.setAuthenticator(authenticator.name);
    auth.setToken(token);
  }

  /** The account in a token of NocoBase. The token is not verified. */
  function userOf(token) {
    try {
      return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).userId;
    } catch (error) {
      return null;
    }
  }

  /** Ends a session that does not belong to the current user. It may have ended already. */
  async function end(app, token) {
    try {
      await request(app, 'auth:signOut', { headers: { Authorization: `Bearer ${token}` } });
    } catch (error) {
      console.warn('The old session could not be ended', error);
    }
  }

  function forget(app) {
    const { auth } = app.apiClient;
    auth.setToken('');
    auth.setRole('');
  }

  /**
   * Sends a request without the application's client, which needs its router to show refusals; while modules load, it
   * has none yet. A refusal is thrown as the server describes it.
   */
  async function request(app, action, { headers, body } = {}) {
    const response = await fetch(app.getApiUrl(action), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Locale': app.i18n.language, ...headers },
      body: JSON.stringify(body || {}),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer.data;
    const refusal = { ...(answer.errors && answer.errors[0]), request: response.headers.get('x-request-id') };
    throw Object.assign(new Error('refused'), { refusal });
  }

  /**
   * Requests a code from DingTalk's client for this page. The old form of the call is for clients that do not know the
   * current one.
   */
  function askForCode({ clientId, corpId }) {
    return withinLimit(async () => {
      const { byApp, byOrganisation, dd } = await loadScript(new URL(JSAPI, moduleAddress).href, 'nocobaseDingTalkJsapi');
      const { requestAuthCode: isKnown } = await dd.checkJsApi({ jsApiList: ['requestAuthCode'] });
      if (isKnown) {
        try {
          return (await byApp({ corpId, clientId })).code;
        } catch (error) {
          if ([CANCELLED, NOT_THE_APPS_PAGE].includes(numberOf(error))) throw error;
        }
      }
      return (await byOrganisation({ corpId })).code;
    });
  }

  /**
   * Loads a script and returns what it leaves as the window's `name`. It uses a script element, because some of DingTalk's
   * web views do not support dynamic import.
   */
  function loadScript(src, name) {
    return new Promise((resolve, reject) => {
      const onerror = () => reject(Object.assign(new Error(`no ${name}`), { reason: 'NO_LIBRARY' }));
      const onload = () => (window[name] ? resolve(window[name]) : onerror());
      const script = document.createElement('script');
      document.head.appendChild(Object.assign(script, { src, referrerPolicy: 'no-referrer', onload, onerror }));
    });
  }

  function withinLimit(ask) {
    return new Promise((resolve, reject) => {
      setTimeout(reject, LIMIT_MS, Object.assign(new Error('no answer'), { reason: 'NO_ANSWER' }));
      ask().then(resolve, reject);
    });
  }

  /** The errors of some clients are not Error objects, and some have no number. */
  function numberOf(error) {
    const { errorCode = '' } = error || {};
    return String(errorCode);
  }

  /** The reason of a failure, as one of the few words that the server accepts. */
  function reasonOf(error) {
    return REASONS[numberOf(error)] || (error && error.reason) || 'OTHER';
  }

  /** Reports the failure to the server, because an operator cannot look into the phone. The answer is not awaited. */
  function report(app, authenticator, code) {
    const headers = { 'X-Authenticator': authenticator.name };
    request(app, 'dingtalk:inAppFailed', { headers, body: { code, platform: platform() } }).catch(() => {});
  }

  function platform(userAgent = navigator.userAgent) {
    if (/OpenHarmony|ArkWeb/.test(userAgent)) return 'harmony';
    if (/Android/.test(userAgent)) return 'android';
    if (/iPhone|iPad/.test(userAgent)) return 'ios';
    return /Windows|Macintosh|Linux/.test(userAgent) ? 'pc' : 'other';
  }

  /** The failure to show at the button of `authenticator`. It is returned once. */
  function failureOf(authenticator) {
    if (!failure || failure.authenticator !== authenticator || failure.silent) return null;
    return failure;
  }

  /** Forgets the failure when the user leaves the sign-in page. */
  function forgetFailure() {
    failure = null;
  }

  return { enter, failureOf, forgetFailure, isInsideDingTalk, loadScript };
})(document.currentScript && document.currentScript.src));
