// The sign-in page: the button, DingTalk's QR code, and what is said of a refusal.
'use strict';

define('nocobase-dingtalk/sign-in', [
  'react', 'antd', '@ant-design/icons', 'nocobase-dingtalk/in-app', 'nocobase-dingtalk/shared',
  'nocobase-dingtalk/qr-code',
], (React, antd, icons, inApp, { AUTH_TYPE, useT, failureText, refusalOf, takeRefusal, webAddress }, { QrCode }) => {
  const h = React.createElement;
  /** The type of NocoBase's authenticators by password. */
  const PASSWORD = 'Email/Password';
  /** DingTalk's blue, a shade darker: white letters on it can be read by everybody. */
  const BLUE = '#006fe6';
  /** How long somebody has to say that they want to stay. */
  const DELAY_MS = 3000;
  /** Marks that somebody signed out in this browser, until somebody is signed in again. */
  const SIGNED_OUT = 'nocobase-dingtalk-signed-out';
  /** Marks that this window was sent to DingTalk. Whoever comes back wants the sign-in page. */
  const SENT = 'nocobase-dingtalk-sent';
  /** With these refusals the account may be there, and not bound. */
  const TO_BE_BOUND = ['DINGTALK_USER_NOT_FOUND', 'DINGTALK_CONFLICT'];
  /** With these there is nothing to ask anybody for: one tries again. */
  const TO_BE_REPEATED = [
    'DINGTALK_DENIED', 'DINGTALK_STATE_INVALID', 'DINGTALK_STATE_EXPIRED', 'DINGTALK_STATE_USED', 'DINGTALK_CODE_REJECTED',
    'DINGTALK_BUSY', 'DINGTALK_TOO_MANY_ATTEMPTS',
  ];

  let callbackRefusal = takeRefusal('dingtalkError');

  /** What to show at the button of `authenticator`; a refusal that belongs to nobody goes to the first that asks. */
  function callbackRefusalOf(authenticator) {
    if (!callbackRefusal) return null;
    if (callbackRefusal.authenticator === null) callbackRefusal.authenticator = authenticator;
    return callbackRefusal.authenticator === authenticator ? callbackRefusal : null;
  }

  /** All ways to sign in, as the page last heard of them; null before. */
  let ways = null;

  /** A mark in the browser, which may have no memory for any. */
  function mark(storage, key, isSet) {
    try {
      if (isSet) window[storage].setItem(key, 'yes');
      else window[storage].removeItem(key);
    } catch (error) {
      // Then nobody is sent anywhere, see isMarked.
    }
  }

  function isMarked(storage, key) {
    try {
      return window[storage].getItem(key) !== null;
    } catch (error) {
      return true;
    }
  }

  /** Listens to what the client asks the server: which ways there are, and that somebody signs out. */
  function watch(app) {
    const { request, response } = app.apiClient.axios.interceptors;
    if (app.apiClient.auth.getToken()) mark('localStorage', SIGNED_OUT, false);
    request.use((config) => {
      if (/auth:signOut|:signOutEverywhere/.test(config.url)) mark('localStorage', SIGNED_OUT, true);
      return config;
    });
    response.use((answer) => {
      if (/authenticators:publicList/.test(answer.config.url)) ways = answer.data.data;
      return answer;
    });
  }

  const isOfDingTalk = ({ authType }) => authType === AUTH_TYPE;

  /** What the button says: the title, or what tells it from the other organizations. */
  function labelOf(authenticator, t) {
    const { name, title } = authenticator;
    const isLikeAnother = (ways || []).some((other) => (
      isOfDingTalk(other) && other.name !== name && (other.title || '') === (title || '')
    ));
    if (!title) return isLikeAnother ? t('Sign in via DingTalk ({{name}})', { name, interpolation: { escapeValue: false } }) : t('Sign in via DingTalk');
    return isLikeAnother ? `${title} (${name})` : title;
  }

  /** Why it did not work, who can help, and what else there is. */
  function Refusal({ refusal }) {
    const t = useT();
    const { code, request } = refusal;
    const hasPassword = (ways || []).some(({ authType }) => authType === PASSWORD);
    const more = [];
    if (TO_BE_BOUND.includes(code) && hasPassword) {
      more.push(t('You can also sign in with your password, and bind your account to DingTalk in the menu of your account.'));
    }
    if (request && !TO_BE_REPEATED.includes(code)) more.push(t('Your administrator can help. Tell them this number: {{id}}', { id: request }));
    return h(antd.Alert, {
      type: 'error',
      showIcon: true,
      message: failureText(refusal, t),
      description: more.length > 0 && more.map((text) => h('div', { key: text, style: { overflowWrap: 'anywhere' } }, text)),
    });
  }

  /** Says that the page goes to DingTalk by itself, and lets somebody stay. */
  function Leaving({ onStay, onGo }) {
    const t = useT();
    React.useEffect(() => {
      const timer = setTimeout(onGo, DELAY_MS);
      return () => clearTimeout(timer);
    }, []);
    return h(antd.Alert, {
      type: 'info',
      showIcon: true,
      message: t('Going to DingTalk …'),
      action: h(antd.Button, { size: 'small', onClick: onStay }, t('Stay on this page')),
    });
  }

  /** Whether the page goes to DingTalk by itself: there is no other choice, nobody signed out, and nobody comes back. */
  function goesAtOnce({ name, options }, refusal) {
    if (!options || !options.atOnce || refusal || inApp.isInsideDingTalk()) return false;
    const others = (ways || [{}, {}]).filter((way) => way.name !== name && way.authType !== PASSWORD);
    return others.length === 0 && !isMarked('localStorage', SIGNED_OUT) && !isMarked('sessionStorage', SENT);
  }

  /**
   * The button on the sign-in page.
   *
   * `home` is where to go when the page was opened without a destination; it also tells the server which sign-in page
   * to come back to.
   */
  function signInButton(app, home) {
    const begin = async ({ name }) => {
      const redirect = new URLSearchParams(window.location.search).get('redirect') || home;
      const response = await app.apiClient.request({
        url: `${AUTH_TYPE}:getAuthUrl`,
        method: 'post',
        headers: { 'X-Authenticator': name },
        data: { redirect },
        skipNotify: true,
      });
      return webAddress(response.data.data);
    };

    return function SignInButton({ authenticator }) {
      const t = useT();
      const [loading, setLoading] = React.useState(false);
      const [refusal, setRefusal] = React.useState(() => (
        callbackRefusalOf(authenticator.name) || inApp.failureOf(authenticator.name)
      ));
      const [isLeaving, setLeaving] = React.useState(() => goesAtOnce(authenticator, refusal));
      // On a phone nobody scans what stands on the same phone.
      const [isWide] = React.useState(() => window.matchMedia('(min-width: 576px)').matches && !inApp.isInsideDingTalk());

      React.useEffect(() => {
        // "Back" may restore this page from memory as it was left: waiting.
        const onPageShow = () => setLoading(false);
        window.addEventListener('pageshow', onPageShow);
        return () => {
          window.removeEventListener('pageshow', onPageShow);
          // Who comes back to the sign-in page later, within the same page load, has nothing to do with the refusal.
          callbackRefusal = null;
          inApp.forgetFailure();
        };
      }, []);

      const signIn = async () => {
        setLoading(true);
        setRefusal(null);
        setLeaving(false);
        try {
          const { href } = await begin(authenticator);
          mark('sessionStorage', SENT, true);
          window.location.assign(href);
        } catch (error) {
          setRefusal(refusalOf(error));
          setLoading(false);
        }
      };

      const isOnly = ways !== null && ways.length === 1;
      const { embedded } = authenticator.options || {};
      // The label says it all; without this the name of the icon would be read before it.
      const icon = h(icons.DingtalkOutlined, { 'aria-hidden': true, style: isOnly ? undefined : { color: BLUE } });
      const button = h(antd.Button, { block: true, loading, icon, type: isOnly ? 'primary' : undefined, onClick: signIn }, labelOf(authenticator, t));
      return h(antd.Space, { direction: 'vertical', style: { display: 'flex' } },
        refusal && h(Refusal, { refusal }),
        isLeaving && h(Leaving, { onStay: () => setLeaving(false), onGo: signIn }),
        embedded && isWide && h(QrCode, { script: embedded.script, begin: () => begin(authenticator) }),
        isOnly ? h(antd.ConfigProvider, { theme: { token: { colorPrimary: BLUE } } }, button) : button);
    };
  }

  return { watch, signInButton };
});
