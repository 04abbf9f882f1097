// Lets the server try the values in a form out, the connection to DingTalk or a message, and shows the results.

define('dingtalk/connection', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/shared',
], ({ useState }, antd, icons, { AUTH_TYPE, MESSAGES, h, useT, Stack, ask, errorsOf }) => {
  /** The icon of a check, by its level. */
  const MARKS = {
    success: { icon: 'CheckCircleFilled', color: 'colorSuccess', title: 'Passed' },
    warning: { icon: 'ExclamationCircleFilled', color: 'colorWarning', title: 'To be looked at' },
    error: { icon: 'CloseCircleFilled', color: 'colorError', title: 'To be put right' },
  };

  /** One check: its icon, its title, and what to do. */
  function Check({ level, subject, text }) {
    const t = useT();
    const { token } = antd.theme.useToken();
    const { icon, color, title } = MARKS[level];
    return h('li', { style: { display: 'flex', gap: 8, padding: '4px 0', lineHeight: token.lineHeight } },
      h(icons[icon], { role: 'img', 'aria-label': t(title), style: { color: token[color], alignSelf: 'flex-start', marginTop: 4 } }),
      h('div', { style: { minWidth: 0, overflowWrap: 'anywhere' } },
        subject && h('div', { style: { fontWeight: token.fontWeightStrong } }, subject),
        h('div', { 'data-check': level }, text)));
  }

  /** A list of checks. */
  function Checks({ checks, label = 'Test connection' }) {
    const t = useT();
    const list = { style: { listStyle: 'none', margin: 0, padding: 0 }, 'aria-label': t(label) };
    return checks[0] && h('ul', list, checks.map((check, index) => h(Check, { ...check, key: index })));
  }

  /** A button that tries something out, and what was found. `run` returns checks, or throws a refusal. */
  function Trial({ label, button, disabled, run }) {
    const t = useT();
    const [running, setRunning] = useState(false);
    const [checks, setChecks] = useState([]);
    // On a phone the text takes several lines.
    const style = { whiteSpace: 'normal', height: 'auto', minHeight: antd.theme.useToken().token.controlHeight };
    const begin = async () => {
      setRunning(true);
      setChecks([]);
      setChecks(await run().catch((error) => {
        const errors = errorsOf(error);
        return (errors[0] ? errors : [error]).map(({ message }) => ({ level: 'error', text: message }));
      }));
      setRunning(false);
    };
    return h(Stack, null,
      // Its sign for «loading» may stay in the page, unseen, and must not become a part of the name.
      h(antd.Button, { ref: button, loading: running, disabled, onClick: begin, 'aria-label': t(label), style }, t(label)),
      // The element is there before its content, so that screen readers announce the content when it comes.
      h('div', { role: 'status' }, h(Checks, { checks, label })));
  }

  /**
   * The test of the connection. `row` returns the authenticator with the values of the form, and `button` is a reference
   * to the button. `onTested` receives whether people could sign in, and values from DingTalk for options that are not
   * set.
   */
  function TestConnection({ app, row, button, onTested }) {
    const run = async () => {
      const { id, name, options } = row();
      try {
        const { ok, messages, told } = await ask(app, `${AUTH_TYPE}:testConnection`, { filterByTk: id || name }, { options });
        onTested({ ok, told: told || {} });
        return messages;
      } catch (error) {
        onTested({ ok: false, told: {} });
        throw error;
      }
    };
    return h(Trial, { label: 'Test connection', button, run });
  }

  /** Sends a test message to whoever clicks. `onSent` is called when something became of it. */
  function SendTest({ app, authenticator, way, onSent }) {
    const run = async () => {
      const { state, text } = await ask(app, `${MESSAGES}:sendTest`, undefined, { authenticator, way });
      if (onSent) onSent();
      return [{ level: state === 'sent' ? 'success' : 'error', text }];
    };
    return h(Trial, { label: 'Send me a test', disabled: !authenticator, run });
  }

  return { Checks, TestConnection, SendTest };
});
