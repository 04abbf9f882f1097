// Code that both client generations share. It is plain AMD without a build step: the server sends in-app.js, this file,
// form.js and v1.js or v2.js, one after the other, as the plugin's index.js.
'use strict';

define('nocobase-dingtalk/shared', [
  'react-i18next',
], ({ useTranslation }) => {
  const AUTH_TYPE = 'dingtalk';
  /** The resource of directory sources. NocoBase's page «Synchronize» uses the same name as their type. */
  const DIRECTORY = 'dingtalkDirectory';
  const NAMESPACE = '@nocobase/plugin-auth-dingtalk';

  // The texts for refusals, as keys of locale/*.json. Only these codes select a text, so that a link cannot make the
  // page show other words.
  const FAILURES = new Map(Object.entries({
    DINGTALK_DENIED: 'Sign-in via DingTalk was cancelled.',
    DINGTALK_STATE_INVALID: 'This sign-in attempt is not valid in this browser. Please start again.',
    DINGTALK_STATE_EXPIRED: 'This sign-in attempt has expired. Please start again.',
    DINGTALK_STATE_USED: 'This sign-in attempt has already been used. Please start again.',
    DINGTALK_CODE_REJECTED: 'DingTalk did not accept the authorization code. Please try again.',
    DINGTALK_NOT_MEMBER: 'Your DingTalk account is not a member of this organization.',
    DINGTALK_USER_NOT_FOUND: 'There is no account for your DingTalk user. Please contact your administrator.',
    DINGTALK_AMBIGUOUS: 'More than one account matches your DingTalk user. Please contact your administrator.',
    DINGTALK_CONFLICT: 'The account is already bound to another DingTalk user. Please contact your administrator.',
    DINGTALK_REISSUED: 'Your DingTalk user ID belonged to somebody else before. Please contact your administrator.',
    DINGTALK_NO_ROLE: 'Your account has no role. Please contact your administrator.',
    DINGTALK_TOO_MANY_ATTEMPTS: 'Too many attempts. Please try again later.',
    DINGTALK_BUSY: 'The server is busy. Please try again.',
    DINGTALK_NOT_SAVED: 'Nothing can be saved right now. Please try again later or contact your administrator.',
    DINGTALK_UNAVAILABLE: 'DingTalk cannot be reached right now. Please try again later.',
    DINGTALK_MISCONFIGURED: 'Sign-in via DingTalk is not set up completely. Please contact your administrator.',
    DINGTALK_REFUSED: 'DingTalk refused the sign-in. Please contact your administrator.',
    DINGTALK_DISABLED: 'Sign-in via DingTalk is switched off.',
    DINGTALK_FAILED: 'Sign-in via DingTalk failed. Please try again.',
  }));

  // The same for refusals of binding an account, which are shown on a page of the application.
  const BINDING_FAILURES = new Map(Object.entries({
    DINGTALK_SESSION_ENDED: 'You have been signed out meanwhile. Please sign in and start again.',
    DINGTALK_ALREADY_BOUND: 'Your account is already bound to a DingTalk user. Please remove that binding first.',
    DINGTALK_BOUND_ELSEWHERE: 'This DingTalk user is bound to another account.',
  }));

  function useT() {
    return useTranslation([NAMESPACE, 'client'], { nsMode: 'fallback' }).t;
  }

  /** The server's message is shown for reasons without a text here, such as too many attempts. */
  function failureText({ code, message, text }, t) {
    if (text) return t(text);
    if (message && !FAILURES.has(code)) return message;
    return t(FAILURES.get(code) || BINDING_FAILURES.get(code) || FAILURES.get('DINGTALK_FAILED'));
  }

  /** The server's refusal of a request; empty when the server was not reached. */
  function errorsOf({ response }) {
    return (response && response.data && response.data.errors) || [];
  }

  /** The request id in the server's log. Other text is ignored, because the value can come from a link. */
  function numberIn(text) {
    return /^[\w-]{8,64}$/.test(text || '') ? text : null;
  }

  /** The text for a failed request. */
  function refusalOf(error) {
    const { headers = {} } = error.response || {};
    return { ...errorsOf(error)[0], request: numberIn(headers['x-request-id']) };
  }

  /**
   * Takes a refusal from the address. The server adds it as the parameter `name` when it leads back from DingTalk, with
   * the authenticator, if it is known, and the request id. All three are removed at once, before the router reads the
   * address, so that a reload or a bookmark does not repeat the message.
   */
  function takeRefusal(name) {
    const url = new URL(window.location.href);
    const code = url.searchParams.get(name);
    if (code === null) return null;
    const refusal = {
      code,
      authenticator: url.searchParams.get('authenticator'),
      request: numberIn(url.searchParams.get('dingtalkRequest')),
    };
    for (const taken of [name, 'authenticator', 'dingtalkRequest']) url.searchParams.delete(taken);
    window.history.replaceState(window.history.state, '', url);
    return refusal;
  }

  /** The address to which the server redirects, if it is a web address. */
  function webAddress(value) {
    const url = new URL(value);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('not a web address');
    return url;
  }

  return { AUTH_TYPE, DIRECTORY, NAMESPACE, useT, errorsOf, failureText, refusalOf, takeRefusal, webAddress };
});
