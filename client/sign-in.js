// The sign-in page: the button, DingTalk's QR code, and the texts for refusals.

define('dingtalk/sign-in', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/in-app', 'dingtalk/shared',
  'dingtalk/qr-code',
], ({ useState, useEffect }, antd, icons, inApp, { AUTH_TYPE, NAMESPACE, h, useT, Stack, failureText, refusalOf, takeRefusal, webAddress }, { QrCode }) => {
  /** The type of NocoBase's authenticators for passwords. */
  const PASSWORD = 'Email/Password';
  /** DingTalk's blue in a darker shade, on which white text has sufficient contrast. */
  const BLUE = '#006fe6';
  /** How long the user can cancel the automatic redirect. */
  const DELAY_MS = 3000;
  /** A mark in the local storage: a user has signed out in this browser. It stays until the next sign-in. */
  const SIGNED_OUT = 'nocobase-dingtalk-signed-out';
  /**
   * A mark in the session storage: this window was sent to DingTalk, so a return to the sign-in page must not redirect
   * again.
   */
  const SENT = 'nocobase-dingtalk-sent';
  /** Refusals, without DINGTALK_, for which the user may have an account that is not bound. */
  const TO_BE_BOUND = ['USER_NOT_FOUND', 'CONFLICT'];
  /** Refusals that nobody has to be asked about, because another attempt may succeed. */
  const TO_BE_REPEATED = [
    'DENIED', 'STATE_INVALID', 'STATE_EXPIRED', 'STATE_USED', 'CODE_REJECTED',
    'BUSY', 'TOO_MANY_ATTEMPTS',
  ];

  let callbackRefusal = takeRefusal('dingtalkError');

  /**
   * The refusal to show at the button of `authenticator`. A refusal without an authenticator is shown at the first
   * button that asks for it.
   */
  function callbackRefusalOf(authenticator) {
    if (!callbackRefusal) return null;
    if (callbackRefusal.authenticator === null) callbackRefusal.authenticator = authenticator;
    return callbackRefusal.authenticator === authenticator ? callbackRefusal : null;
  }

  /** All authenticators of the sign-in page, as the client last received them; null before. */
  let ways = null;

  /** A mark in the browser's storage, which may be unavailable. */
  function mark(storage, key, isSet) {
    try {
      if (isSet) window[storage].setItem(key, 'yes');
      else window[storage].removeItem(key);
    } catch (error) {
      // Without storage there is no automatic redirect, see isMarked.
    }
  }

  function isMarked(storage, key) {
    try {
      return window[storage].getItem(key) !== null;
    } catch (error) {
      return true;
    }
  }

  /** Shows a refusal that has no button, because the authenticator was switched off meanwhile. */
  function tellWithoutButton({ i18n }) {
    if (!callbackRefusal || ways.some((way) => isOfDingTalk(way) && [null, way.name].includes(callbackRefusal.authenticator))) return;
    const t = (text) => i18n.t(text, { ns: [NAMESPACE, 'client'], nsMode: 'fallback' });
    antd.notification.error({ key: AUTH_TYPE, message: failureText(callbackRefusal, t), duration: 0 });
  }

  /** Listens to the client's requests to learn which authenticators there are, and when a user signs out. */
  function watch(app) {
    const { request, response } = app.apiClient.axios.interceptors;
    if (app.apiClient.auth.getToken()) mark('localStorage', SIGNED_OUT, false);
    request.use((config) => {
      if (/auth:signOut|:signOutEverywhere/.test(config.url)) mark('localStorage', SIGNED_OUT, true);
      return config;
    });
    response.use((answer) => {
      if (/authenticators:publicList/.test(answer.config.url)) {
        ways = answer.data.data;
        tellWithoutButton(app);
      }
      return answer;
    });
  }

  const isOfDingTalk = ({ authType }) => authType === AUTH_TYPE;

  /** The text of the button: its title, or what distinguishes it from other organizations. */
  function labelOf(authenticator, t) {
    const { name, title } = authenticator;
    const isLikeAnother = (ways || []).some((other) => (
      isOfDingTalk(other) && other.name !== name && (other.title || '') === (title || '')
    ));
    if (!title) return isLikeAnother ? t('Sign in via DingTalk ({{name}})', { name, interpolation: { escapeValue: false } }) : t('Sign in via DingTalk');
    return isLikeAnother ? `${title} (${name})` : title;
  }

  /** A refusal: the reason, who can help, and what else the user can do. */
  function Refusal({ refusal }) {
    const t = useT();
    const { code, request } = refusal;
    const kind = String(code).slice(9);
    const hasPassword = (ways || []).some(({ authType }) => authType === PASSWORD);
    const more = [];
    if (TO_BE_BOUND.includes(kind) && hasPassword) {
      more.push(t('You can also sign in with your password.'));
    }
    if (request && !TO_BE_REPEATED.includes(kind)) {
      more.push(h(antd.Typography.Text, { copyable: { text: request } }, t('Your administrator can help. Request ID: {{id}}', { id: request })));
    }
    return h(antd.Alert, {
      type: 'error',
      showIcon: true,
      message: failureText(refusal, t),
      description: more.length > 0 && more.map((text, key) => h('div', { key, style: { overflowWrap: 'anywhere' } }, text)),
    });
  }

  /** Announces the automatic redirect, and lets the user cancel it. */
  function Leaving({ onStay, onGo }) {
    const t = useT();
    useEffect(() => {
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

  /** Whether the window may go to DingTalk by itself: nobody has signed out, and it has not come back from there. */
  const mayLeave = () => !callbackRefusal && !isMarked('localStorage', SIGNED_OUT) && !isMarked('sessionStorage', SENT);

  /** Sends the window to DingTalk. */
  function leave(address) {
    const { href } = webAddress(address);
    mark('sessionStorage', SENT, true);
    location.assign(href);
  }

  /** Whether the page redirects automatically: there is no other choice, and the window may go by itself. */
  function goesAtOnce({ name, options }, refusal) {
    if (!options || !options.atOnce || refusal || inApp.isInsideDingTalk()) return false;
    const others = (ways || [{}, {}]).filter((way) => way.name !== name && way.authType !== PASSWORD);
    return others.length === 0 && mayLeave();
  }

  /**
   * The button on the sign-in page.
   *
   * `home` is the page to open when no other was requested. It also tells the server to which generation's sign-in page
   * to return.
   */
  function signInButton(app, home) {
    const begin = async ({ name }) => {
      const redirect = new URLSearchParams(location.search).get('redirect') || home;
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
      const [loading, setLoading] = useState(false);
      const [refusal, setRefusal] = useState(() => (
        callbackRefusalOf(authenticator.name) || inApp.failureOf(authenticator.name)
      ));
      const [isLeaving, setLeaving] = useState(() => goesAtOnce(authenticator, refusal));
      // On a phone, the code could not be scanned with the same phone.
      const [isWide] = useState(() => window.matchMedia('(min-width: 576px)').matches && !inApp.isInsideDingTalk());

      useEffect(() => {
        // «Back» may restore this page from memory in the waiting state.
        const onPageShow = () => setLoading(false);
        window.addEventListener('pageshow', onPageShow);
        return () => {
          window.removeEventListener('pageshow', onPageShow);
          // The refusal must not be shown again when the user returns to the sign-in page within the same page load.
          callbackRefusal = null;
          inApp.forgetFailure();
        };
      }, []);

      const signIn = async () => {
        setLoading(true);
        setRefusal(null);
        setLeaving(false);
        try {
          leave(await begin(authenticator));
        } catch (error) {
          setRefusal(refusalOf(error));
          setLoading(false);
        }
      };

      const isOnly = ways !== null && ways.length === 1;
      const { embedded } = authenticator.options || {};
      // The label says enough. Otherwise the name of the icon would be read before it.
      const icon = h(icons.DingtalkOutlined, { 'aria-hidden': true, style: isOnly ? undefined : { color: BLUE } });
      const button = h(antd.Button, { block: true, loading, icon, type: isOnly ? 'primary' : undefined, onClick: signIn }, labelOf(authenticator, t));
      return h(Stack, null,
        refusal && h(Refusal, { refusal }),
        isLeaving && h(Leaving, { onStay: () => setLeaving(false), onGo: signIn }),
        embedded && isWide && h(QrCode, { script: embedded.script, begin: () => begin(authenticator) }),
        isOnly ? h(antd.ConfigProvider, { theme: { token: { colorPrimary: BLUE } } }, button) : button);
    };
  }

  return { watch, signInButton, mayLeave, leave };
});
