// Signing in inside DingTalk: its client says who holds it, so nobody has to press a button. Plain AMD like shared.js.
'use strict';

// While this file runs, it is the script that the server sent as the plugin's index.js.
define('nocobase-dingtalk/in-app', [], ((moduleAddress) => () => {
  /** DingTalk's library, beside this module; made by scripts/vendor/build.mjs. */
  const JSAPI = '../vendor/dingtalk-jsapi.js?hash=b2c83abf';
  /** How long DingTalk's client may take. Some never call back. */
  const LIMIT_MS = 6000;
  /** Marks that it was tried in this window. Until DingTalk opens another one, it is not tried again. */
  const TRIED = 'nocobase-dingtalk-in-app';
  /** Of `runtime.permission.requestAuthCode`, as numbers or texts: the person does not want to; the page is not the app's. */
  const CANCELLED = '-1';
  const NOT_THE_APPS_PAGE = '3';
  /** The texts for what fails before the server is asked; none for what the person did. */
  const NOT_SAID = 'DingTalk did not say who you are. Please use the button.';
  const TEXTS = {
    PAGE_REFUSED: 'DingTalk does not know this page: the Corp ID is wrong, or this address is not registered at the app. Please use the button.',
    NO_ANSWER: NOT_SAID,
    NO_LIBRARY: NOT_SAID,
    OTHER: NOT_SAID,
  };

  /** What went wrong, and at whose button to say so. */
  let failure = null;

  /** DingTalk's client, and not its service that fetches previews of links. */
  function isInsideDingTalk(userAgent = navigator.userAgent) {
    return /DingTalk/i.test(userAgent) && !/DingTalk-LinkService/i.test(userAgent);
  }

  /**
   * Signs in whoever holds DingTalk's client, before the application shows anything.
   *
   * Once for a window, whatever comes of it: nobody is signed in again who signed out, nor asked for ever who is refused.
   * A session of somebody else that began through DingTalk is ended and replaced. One that began otherwise, with a
   * password, was somebody's choice and stays.
   */
  async function enter(app, home) {
    if (!isInsideDingTalk() || !isFirstTime()) return;
    const { auth } = app.apiClient;
    try {
      const authenticator = await automaticAuthenticator(app);
      if (!authenticator) return;
      const session = { token: auth.getToken(), authenticator: auth.getAuthenticator() };
      if (session.token && session.authenticator !== authenticator.name) return;
      await signIn(app, authenticator, session.token, home);
    } catch (error) {
      // The button is there; of the rest the server has its log.
      console.warn('DingTalk did not sign anybody in', error);
    }
  }

  function isFirstTime() {
    try {
      const isFirst = sessionStorage.getItem(TRIED) === null;
      sessionStorage.setItem(TRIED, 'yes');
      return isFirst;
    } catch (error) {
      // Without a memory there could be a loop.
      return false;
    }
  }

  /** The first authenticator that wants it. */
  async function automaticAuthenticator(app) {
    const authenticators = await request(app, 'authenticators:publicList');
    return authenticators.find(({ authType, options }) => authType === 'dingtalk' && options && options.inApp);
  }

  async function signIn(app, authenticator, oldToken, home) {
    let code;
    try {
      code = await askForCode(authenticator.options.inApp);
    } catch (error) {
      console.warn('DingTalk gave no code', error);
      const reason = reasonOf(error);
      failure = { authenticator: authenticator.name, text: TEXTS[reason], silent: reason === 'CANCELLED' };
      report(app, authenticator, reason);
      return;
    }
    const onSignInPage = /\/signin\/?$/.test(window.location.pathname);
    // The server looks at it again; here it decides which generation's start page is the way out.
    const asked = new URLSearchParams(window.location.search).get('redirect') || '';
    const wanted = /^\/(?![/\\])/.test(asked) ? asked : home;
    try {
      const data = await request(app, 'dingtalk:inAppSignIn', {
        headers: { 'X-Authenticator': authenticator.name },
        body: { code, redirect: wanted },
      });
      await replaceSession(app, authenticator, oldToken, data);
      // Elsewhere the application goes on to the page that was asked for.
      if (onSignInPage) {
        window.location.replace(data.redirect);
        await new Promise(() => {});
      }
    } catch (error) {
      const { code: refusal, message, endsSession, request: number } = error.refusal || {};
      failure = { authenticator: authenticator.name, code: refusal, message, request: number };
      // DingTalk has named somebody who gets no session: the one that is open is another person's.
      if (oldToken && endsSession) {
        await end(app, oldToken);
        forget(app);
      }
    }
  }

  async function replaceSession(app, authenticator, oldToken, { token, user }) {
    const { auth } = app.apiClient;
    // What ends a session takes cookies away, the new one's too. The client asks for them by itself later. The session
    // of the same person may be in use in another window, so it is left to expire.
    if (oldToken && userOf(oldToken) !== user.id) await end(app, oldToken);
    auth.setRole('');
    auth.setAuthenticator(authenticator.name);
    auth.setToken(token);
  }

  /** The account that a token of NocoBase names, for a look only. */
  function userOf(token) {
    try {
      return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).userId;
    } catch (error) {
      return null;
    }
  }

  /** Ends a session, which no longer belongs to who is here. It may be over already. */
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
   * Not by the application's own client: while modules load it has no router yet, which it needs for refusals. What is
   * refused is thrown, as the server names it.
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

  /** A code of DingTalk's client for this page. Its old form serves clients that do not know the current one. */
  function askForCode({ clientId, corpId }) {
    return withinLimit(async () => {
      const { byApp, byOrganisation, dd } = await library();
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

  /** A script and no module: what loads one when it is needed is younger than some of DingTalk's web views. */
  function library() {
    return new Promise((resolve, reject) => {
      const script = document.createElement('script');
      const missing = () => reject(Object.assign(new Error('no library'), { reason: 'NO_LIBRARY' }));
      script.src = new URL(JSAPI, moduleAddress).href;
      script.onload = () => (window.nocobaseDingTalkJsapi ? resolve(window.nocobaseDingTalkJsapi) : missing());
      script.onerror = missing;
      document.head.appendChild(script);
    });
  }

  function withinLimit(ask) {
    return new Promise((resolve, reject) => {
      setTimeout(reject, LIMIT_MS, Object.assign(new Error('no answer'), { reason: 'NO_ANSWER' }));
      ask().then(resolve, reject);
    });
  }

  /** Not every client throws an error, and not all of them have a number. */
  function numberOf(error) {
    const { errorCode = '' } = error || {};
    return String(errorCode);
  }

  /** One of the few words for a failure of DingTalk's client that the server knows. */
  function reasonOf(error) {
    switch (numberOf(error)) {
      case CANCELLED: return 'CANCELLED';
      case NOT_THE_APPS_PAGE: return 'PAGE_REFUSED';
      default: return (error && error.reason) || 'OTHER';
    }
  }

  /** Tells the server, whose operator has no telephone to look into. Whether it listens is not waited for. */
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

  /** What to show at the button of `authenticator`, once. */
  function failureOf(authenticator) {
    if (!failure || failure.authenticator !== authenticator || failure.silent) return null;
    return failure;
  }

  /** Who leaves the sign-in page is done with it. */
  function forgetFailure() {
    failure = null;
  }

  return { enter, failureOf, forgetFailure, isInsideDingTalk };
})(document.currentScript && document.currentScript.src));
