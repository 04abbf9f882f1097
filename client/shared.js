// What both generations of the NocoBase client have in common. Plain AMD, no build step: the server sends in-app.js,
// this file, form.js and v1.js or v2.js, one after the other, as the plugin's index.js.
'use strict';

define('nocobase-dingtalk/shared', [
  'react-i18next',
], ({ useTranslation }) => {
  const AUTH_TYPE = 'dingtalk';
  /** The resource of directories, whose sources NocoBase's page «Synchronize» has as this type, too. */
  const DIRECTORY = 'dingtalkDirectory';
  const NAMESPACE = '@nocobase/plugin-auth-dingtalk';

  // Keys of locale/*.json. Only these codes choose a text, so nobody can put words of their own on the page with a link.
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

  // The same of what becomes of binding an account, which ends at a page of the application.
  const BINDING_FAILURES = new Map(Object.entries({
    DINGTALK_SESSION_ENDED: 'You have been signed out meanwhile. Please sign in and start again.',
    DINGTALK_ALREADY_BOUND: 'Your account is already bound to a DingTalk user. Please remove that binding first.',
    DINGTALK_BOUND_ELSEWHERE: 'This DingTalk user is bound to another account.',
  }));

  function useT() {
    return useTranslation([NAMESPACE, 'client'], { nsMode: 'fallback' }).t;
  }

  /** The server's own words are shown where it has a reason that we have no text for, such as too many attempts. */
  function failureText({ code, message, text }, t) {
    if (text) return t(text);
    if (message && !FAILURES.has(code)) return message;
    return t(FAILURES.get(code) || BINDING_FAILURES.get(code) || FAILURES.get('DINGTALK_FAILED'));
  }

  /** What the server says of a request that it refused; nothing where it was not reached. */
  function errorsOf({ response }) {
    return (response && response.data && response.data.errors) || [];
  }

  /** The number under which the server's log has a request; nothing that somebody else could have written. */
  function numberIn(text) {
    return /^[\w-]{8,64}$/.test(text || '') ? text : null;
  }

  /** What to say of a request that failed. */
  function refusalOf(error) {
    const { headers = {} } = error.response || {};
    return { ...errorsOf(error)[0], request: numberIn(headers['x-request-id']) };
  }

  /**
   * A refusal of a return from DingTalk comes in the address, in the parameter `name`, with the authenticator where the
   * server knows whose attempt it was, and the number of the request. All are taken out at once, before the router reads
   * the address, so that neither a reload nor a bookmark repeats the message.
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

  /** The address that the server sends us to, if a browser may follow it. */
  function webAddress(value) {
    const url = new URL(value);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('not a web address');
    return url;
  }

  return { AUTH_TYPE, DIRECTORY, NAMESPACE, useT, errorsOf, failureText, refusalOf, takeRefusal, webAddress };
});
