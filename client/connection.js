// Lets the server test the connection to DingTalk with the values in the form, and shows the results.

define('dingtalk/connection', [
  'react', 'antd', '@ant-design/icons', 'dingtalk/shared',
], (React, antd, icons, { AUTH_TYPE, h, useT, errorsOf }) => {
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
  function Checks({ checks }) {
    const t = useT();
    const list = { style: { listStyle: 'none', margin: 0, padding: 0 }, 'aria-label': t('Test connection') };
    return checks.length > 0 && h('ul', list, checks.map((check, index) => h(Check, { ...check, key: index })));
  }

  /**
   * The test button and the list of checks. `row` returns the authenticator with the values of the form, and `button`
   * is a reference to the button. `onTested` receives whether people could sign in, and values from DingTalk for
   * options that are not set.
   */
  function TestConnection({ app, row, button, onTested }) {
    const t = useT();
    const [testing, setTesting] = React.useState(false);
    const [checks, setChecks] = React.useState([]);
    const test = async () => {
      setTesting(true);
      setChecks([]);
      const { id, name, options } = row();
      try {
        const response = await app.apiClient.request({
          url: `${AUTH_TYPE}:testConnection`,
          method: 'post',
          params: { filterByTk: id === undefined || id === null ? name : id },
          data: { options },
          skipNotify: true,
        });
        const { ok, messages, told } = response.data.data;
        setChecks(messages);
        onTested({ ok, told: told || {} });
      } catch (error) {
        const errors = errorsOf(error);
        setChecks((errors.length > 0 ? errors : [error]).map(({ message }) => ({ level: 'error', text: message })));
        onTested({ ok: false, told: {} });
      }
      setTesting(false);
    };
    return h(antd.Space, { direction: 'vertical', style: { display: 'flex' } },
      h(antd.Button, { ref: button, loading: testing, onClick: test }, t('Test connection')),
      // The element is there before its content, so that screen readers announce the content when it comes.
      h('div', { role: 'status' }, h(Checks, { checks })));
  }

  return { Checks, TestConnection };
});
