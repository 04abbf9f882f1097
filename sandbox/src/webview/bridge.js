function (settings) {
  'use strict';

  /**
   * What the client's native half does. It is no request of the page, so the page's content policy does not count: a
   * browser that is driven by a program lends its hand, `sandboxNativeCall`, for which see README.md.
   */
  async function native(method, parameters) {
    const call = JSON.stringify({ person: settings.person, method, page: location.href, parameters: parameters || {} });
    const answer = JSON.parse(await window.sandboxNativeCall(settings.call, call));
    if (answer.never) return new Promise(() => {});
    return answer;
  }

  const bridges = {
    // One function with the name of the method; text "0" is success.
    ios() {
      window.WebViewJavascriptBridge = {
        init() {},
        registerHandler() {},
        callHandler(method, parameters, callback) {
          native(method, parameters).then(({ result, failure }) => callback(
            failure ? { errorCode: String(failure.errorCode), errorMessage: failure.errorMessage } : { errorCode: '0', result },
          ));
        },
      };
    },
    // The method comes in two parts, service and action.
    android() {
      window.nuva = {
        isReady: true,
        require: () => (succeed, fail, service, action, parameters) => {
          native(`${service}.${action}`, parameters).then(({ result, failure }) => (failure ? fail(failure) : succeed(result)));
        },
      };
    },
    // The page posts messages to an origin of DingTalk's own, which the client catches.
    pc() {
      const host = 'https://sandbox.dingtalk.com';
      window.dd_bridge_config = JSON.stringify({ hostOrigin: host, containerId: 'sandbox', hostVersion: '7.6.0' });
      window.dingtalk = { platform: { invokeAPI() {} } };
      const { postMessage } = window;
      window.postMessage = function (message, target, ...rest) {
        if (target !== host) return postMessage.call(window, message, target, ...rest);
        return native(message.methodName, message.body).then(({ result, failure }) => {
          const data = { type: 'response', msgId: message.msgId, success: !failure, body: failure || result };
          window.dispatchEvent(new MessageEvent('message', { data, origin: host }));
        });
      };
    },
  };
  bridges[settings.platform]();
}