// What both generations of the NocoBase client have in common. Plain AMD, no build step: the server sends in-app.js,
// this file, form.js and v1.js or v2.js, one after the other, as the plugin's index.js.
'use strict';

define('@nocobase/plugin-auth-dingtalk/shared', [
  'react', 'antd', '@ant-design/icons', 'react-i18next', '@nocobase/plugin-auth-dingtalk/in-app',
], (React, antd, icons, { useTranslation }, inApp) => {
  const h = React.createElement;
  const AUTH_TYPE = 'dingtalk';
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

  function useT() {
    return useTranslation([NAMESPACE, 'client'], { nsMode: 'fallback' }).t;
  }

  /** The server's own words are shown where it has a reason that we have no text for, such as too many attempts. */
  function failureText({ code, message, text }, t) {
    if (text) return t(text);
    if (message && !FAILURES.has(code)) return message;
    return t(FAILURES.get(code) || FAILURES.get('DINGTALK_FAILED'));
  }

  /** What the server says of a request that it refused; nothing where it was not reached. */
  function errorsOf({ response }) {
    return (response && response.data && response.data.errors) || [];
  }

  /**
   * A failed callback comes back to the sign-in page with `dingtalkError` (and `authenticator`, when the server knows
   * whose attempt it was) in the address. They are taken out at once, before the router reads the address, so that
   * neither a reload nor a bookmark repeats the message.
   */
  let callbackFailure = takeCallbackFailure();

  function takeCallbackFailure() {
    const url = new URL(window.location.href);
    const code = url.searchParams.get('dingtalkError');
    if (code === null) return null;
    const authenticator = url.searchParams.get('authenticator');
    url.searchParams.delete('dingtalkError');
    url.searchParams.delete('authenticator');
    window.history.replaceState(window.history.state, '', url);
    return { code, authenticator };
  }

  /** What to show at the button of `authenticator`; a failure that belongs to nobody goes to the first that asks. */
  function callbackFailureOf(authenticator) {
    if (!callbackFailure) return null;
    if (callbackFailure.authenticator === null) callbackFailure.authenticator = authenticator;
    return callbackFailure.authenticator === authenticator ? { code: callbackFailure.code } : null;
  }

  /** The address that the server sends us to, if a browser may follow it. */
  function webAddress(value) {
    const url = new URL(value);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('not a web address');
    return url.href;
  }

  /**
   * The button on the sign-in page.
   *
   * `home` is where to go when the page was opened without a destination; it also tells the server which sign-in page
   * to come back to.
   */
  function signInButton(app, home) {
    return function SignInButton({ authenticator }) {
      const t = useT();
      const [loading, setLoading] = React.useState(false);
      const [failure, setFailure] = React.useState(() => (
        callbackFailureOf(authenticator.name) || inApp.failureOf(authenticator.name)
      ));

      React.useEffect(() => {
        // "Back" may restore this page from memory as it was left: waiting.
        const onPageShow = () => setLoading(false);
        window.addEventListener('pageshow', onPageShow);
        return () => {
          window.removeEventListener('pageshow', onPageShow);
          // Who comes back to the sign-in page later, within the same page load, has nothing to do with the failure.
          callbackFailure = null;
          inApp.forgetFailure();
        };
      }, []);

      const signIn = async () => {
        setLoading(true);
        setFailure(null);
        try {
          const redirect = new URLSearchParams(window.location.search).get('redirect') || home;
          const response = await app.apiClient.request({
            url: `${AUTH_TYPE}:getAuthUrl`,
            method: 'post',
            headers: { 'X-Authenticator': authenticator.name },
            data: { redirect },
            skipNotify: true,
          });
          window.location.assign(webAddress(response.data.data));
        } catch (error) {
          setFailure(errorsOf(error)[0] || {});
          setLoading(false);
        }
      };

      // The label says it all; without this the name of the icon would be read before it.
      const icon = h(icons.DingtalkOutlined, { 'aria-hidden': true });
      return h(antd.Space, { direction: 'vertical', style: { display: 'flex' } },
        failure && h(antd.Alert, { type: 'error', showIcon: true, message: failureText(failure, t) }),
        h(antd.Button, { block: true, loading, icon, onClick: signIn }, authenticator.title || t('Sign in via DingTalk')));
    };
  }

  return { AUTH_TYPE, useT, errorsOf, signInButton };
});
