// Code that both generations of NocoBase's web client share. It is plain AMD without a build step: the server sends this
// and the other files of the plugin one after the other, as the plugin's index.js. `plugin_module!` in
// src/edge/browser_half/mod.rs lists them in their order.

define('dingtalk/shared', [
  'react', 'antd', 'react-i18next',
], ({ createElement: h }, antd, { useTranslation }) => {
  const AUTH_TYPE = 'dingtalk';
  /** The resource of directory sources. NocoBase's page «Synchronize» uses the same name as their type. */
  const DIRECTORY = 'dingtalkDirectory';
  /** The resource of messages and notification channels. */
  const MESSAGES = 'dingtalkMessages';
  const NAMESPACE = '@nocobase/plugin-auth-dingtalk';

  function useT() {
    return useTranslation([NAMESPACE, 'client'], { nsMode: 'fallback' }).t;
  }

  /** Elements below each other. */
  function Stack(props) {
    return h(antd.Space, { direction: 'vertical', style: { display: 'flex' }, ...props });
  }

  /** A grey with sufficient contrast, unlike the default colour of hints. */
  function useGrey() {
    return antd.theme.useToken().token.colorTextSecondary;
  }

  /**
   * The text for a refusal. The server sends a text for each of this product's codes, so that a link cannot make the page
   * show other words. The server's message is shown for reasons without a text.
   */
  function failureText({ code, message, text }, t) {
    if (text) return t(text);
    const known = /^DINGTALK_/.test(code) ? t(code) : code;
    return (known !== code && known) || message || t('Sign-in via DingTalk failed. Please try again.');
  }

  /** What the server answers. A refusal is shown by whoever asks, and not by the client. */
  function ask(app, url, params, data) {
    return app.apiClient.request({ url, method: data ? 'post' : 'get', params, data, skipNotify: true })
      .then((response) => response.data.data);
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
    const url = new URL(location.href);
    const code = url.searchParams.get(name);
    if (code === null) return null;
    const refusal = {
      code,
      authenticator: url.searchParams.get('authenticator'),
      request: numberIn(url.searchParams.get('dingtalkRequest')),
    };
    for (const taken of [name, 'authenticator', 'dingtalkRequest']) url.searchParams.delete(taken);
    history.replaceState(history.state, '', url);
    return refusal;
  }

  /** The address to which the server redirects, if it is a web address. */
  function webAddress(value) {
    const url = new URL(value);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('not a web address');
    return url;
  }

  /** What an authenticator is called: its title, or DingTalk. Names tell several without a title apart. */
  function called(all, name, t) {
    const { title } = all.find((one) => one.name === name) || { title: name };
    return title || t('DingTalk') + (all.filter((one) => !one.title).length > 1 ? ` (${name})` : '');
  }

  return { AUTH_TYPE, DIRECTORY, MESSAGES, NAMESPACE, h, useT, useGrey, Stack, called, ask, errorsOf, failureText, refusalOf, takeRefusal, webAddress };
});
