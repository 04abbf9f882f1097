// Plays DingTalk's script for a login within a page: the same function, the same parameters, the same answers.
'use strict';

((origin) => {
  const SMALLEST = 280;

  window.DTFrameLogin = (frame, login, onSuccess, onError) => {
    const place = document.getElementById(frame.id);
    const { width = 300, height = 300 } = frame;
    if (!place || width < SMALLEST || height < SMALLEST) return onError('The frame has no place, or is too small');
    // The address of the app comes encoded, everything else as it is.
    const encoded = ([name, value]) => `${name}=${name === 'redirect_uri' ? value : encodeURIComponent(value)}`;
    const inner = document.createElement('iframe');
    inner.src = `${origin}/oauth2/frame?${Object.entries(login).map(encoded).join('&')}`;
    inner.width = width;
    inner.height = height;
    inner.style.border = 'none';
    window.addEventListener('message', (event) => {
      if (event.origin !== origin || event.source !== inner.contentWindow) return;
      const { success, errorMsg, redirectUrl, authCode, state } = event.data;
      if (success) onSuccess({ redirectUrl, authCode, state });
      else onError(errorMsg);
    });
    place.appendChild(inner);
  };
})(new URL(document.currentScript.src).origin);
