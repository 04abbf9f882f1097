// A moment that a busy machine hits by chance, made for certain.

/**
 * Runs in the page. The answer to `action` comes after React has drawn an element that fits `selector`, and before the
 * components that drew it begin to listen: React does the latter in the same turn when it was quick, else in a later one.
 */
export function answerBetweenDrawingAndListening({ action, selector }) {
  const held = [];
  let drawn = false;
  window.answersHeld = 0;

  // The answer is there at once, and is told when we say.
  const { open: begin, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function open(method, url, ...more) {
    this.asked = String(url);
    return begin.call(this, method, url, ...more);
  };
  XMLHttpRequest.prototype.send = function sendOrHold(body) {
    if (drawn || !this.asked.includes(action)) return send.call(this, body);
    const answer = new XMLHttpRequest();
    begin.call(answer, 'GET', this.asked, false);
    send.call(answer);
    for (const name of ['readyState', 'status', 'statusText', 'response', 'responseText', 'responseURL']) {
      Object.defineProperty(this, name, { value: answer[name] });
    }
    this.getAllResponseHeaders = () => answer.getAllResponseHeaders();
    held.push(this);
  };

  // React takes a turn by a message, and thinks that it has worked for a second when the element is there.
  const now = performance.now.bind(performance);
  let late = 0;
  performance.now = () => now() + late;
  const waiting = [];
  let waits = false;
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function post(...message) {
    if (waits) waiting.push(() => postMessage.apply(this, message));
    else postMessage.apply(this, message);
  };
  function deliver() {
    for (const request of held.splice(0)) {
      window.answersHeld += 1;
      request.onloadend();
    }
    setTimeout(() => {
      waits = false;
      for (const resume of waiting.splice(0)) resume();
    }, 0);
  }
  for (const name of ['appendChild', 'insertBefore']) {
    const insert = Node.prototype[name];
    Node.prototype[name] = function insertAndSee(...nodes) {
      const inserted = insert.apply(this, nodes);
      if (!drawn && document.querySelector(selector)) {
        drawn = true;
        waits = true;
        late = 1_000;
        setTimeout(deliver, 0);
      }
      return inserted;
    };
  }
}
