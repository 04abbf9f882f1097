// DingTalk's QR code on the sign-in page, which DingTalk's script draws. If it fails, the button is still there.

define('dingtalk/qr-code', [
  'react', 'dingtalk/in-app', 'dingtalk/shared',
], ({ useState, useEffect, useRef, useId }, { loadScript }, { h, useT }) => {
  /**
   * The size of the code. DingTalk's page does not accept a smaller one, and a larger one would push the button out of
   * small screens.
   */
  const SIZE = 280;
  /** The server forgets a pending sign-in after ten minutes. */
  const RENEWED_AFTER_MS = 9 * 60 * 1000;

  /** Loads DingTalk's script once. */
  let loading = null;
  function load(address) {
    if (window.DTFrameLogin) return Promise.resolve();
    if (loading === null) {
      loading = loadBesideModules(address);
      loading.catch(() => {
        loading = null;
      });
    }
    return loading;
  }

  /**
   * Hides the AMD loader while the script loads, because the script would register with it instead of setting its
   * global function.
   */
  function loadBesideModules(address) {
    const { define } = window;
    const { amd } = define || {};
    if (define) delete define.amd;
    return loadScript(address, 'DTFrameLogin').finally(() => {
      if (define) define.amd = amd;
    });
  }

  /** The parameters for DingTalk's script, taken from the address to which the button would lead. */
  function parametersOf({ searchParams }) {
    const parameters = {};
    for (const name of ['client_id', 'response_type', 'scope', 'state', 'prompt', 'corpId']) {
      if (searchParams.has(name)) parameters[name] = searchParams.get(name);
    }
    // The script does not encode this value.
    return { ...parameters, redirect_uri: encodeURIComponent(searchParams.get('redirect_uri')) };
  }

  /**
   * The QR code. `script` is the address of DingTalk's script. `begin()` begins a sign-in and returns the address of
   * the login page.
   */
  function QrCode({ script, begin }) {
    const t = useT();
    const id = `dingtalk-qr-code${useId().replace(/\W/g, '-')}`;
    const place = useRef(null);
    const [isShown, setShown] = useState(false);

    useEffect(() => {
      let left = false;
      const fail = (error) => {
        console.warn('DingTalk shows no QR code', error);
        if (!left) setShown(false);
      };
      const draw = async () => {
        await load(script);
        const address = await begin();
        const redirectUrl = new URL(address.searchParams.get('redirect_uri'));
        // DingTalk's page sends this message only to the page that shows it.
        if (redirectUrl.origin !== location.origin) throw new Error('the Redirect URL is elsewhere');
        if (left || !place.current) return;
        place.current.textContent = '';
        setShown(true);
        let isTaken = false;
        const goOn = ({ authCode, state }) => {
          // The message can come twice, but counts once.
          if (left || isTaken) return;
          isTaken = true;
          redirectUrl.searchParams.set('authCode', authCode);
          redirectUrl.searchParams.set('state', state);
          location.assign(redirectUrl.href);
        };
        window.DTFrameLogin({ id, width: SIZE, height: SIZE }, parametersOf(address), goOn, fail);
        const frame = place.current.querySelector('iframe');
        if (frame) frame.title = t('Scan with DingTalk');
      };
      draw().catch(fail);
      const timer = setInterval(() => draw().catch(fail), RENEWED_AFTER_MS);
      return () => {
        left = true;
        clearInterval(timer);
      };
    }, []);

    return h('div', { style: isShown ? { textAlign: 'center' } : { display: 'none' } },
      h('div', null, t('Scan with DingTalk')),
      h('div', { id, ref: place, style: { width: SIZE, maxWidth: '100%', height: SIZE, margin: '0 auto', overflow: 'hidden' } }));
  }

  return { QrCode };
});
