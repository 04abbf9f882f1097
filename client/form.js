// The form of an authenticator, as far as both generations have it in common. What it asks for is the server's business:
// `dingtalk:optionsSchema` describes each option, and the generations draw what it says.
'use strict';

define('@nocobase/plugin-auth-dingtalk/form', [
  'react', 'antd', '@ant-design/icons', '@nocobase/plugin-auth-dingtalk/shared',
], (React, antd, icons, { AUTH_TYPE, useT, errorsOf }) => {
  const h = React.createElement;

  function fetchSchema(app, params) {
    return app.apiClient.request({ url: `${AUTH_TYPE}:optionsSchema`, params }).then((response) => response.data.data);
  }

  /** The description of the form; null until it is here. */
  function useSchema(app) {
    const [schema, setSchema] = React.useState(null);
    React.useEffect(() => {
      let left = false;
      // A failure is told by the client itself.
      fetchSchema(app).then((found) => left || setSchema(found), () => {});
      return () => {
        left = true;
      };
    }, []);
    return schema;
  }

  /** The options to draw, in their order: where each is kept, how it is shown, and with which texts. */
  function fieldsOf(schema, above = []) {
    const { properties, required = [] } = schema;
    const fields = [];
    for (const [key, property] of Object.entries(properties)) {
      const path = [...above, key];
      const widget = property['x-widget'];
      if (property.properties) {
        fields.push(...fieldsOf(property, path));
      } else if (widget !== 'hidden' && widget !== 'readOnly') {
        const { title, description, items = {}, oneOf = items.oneOf || [] } = property;
        fields.push({
          path,
          widget,
          title,
          description,
          required: required.includes(key),
          initial: property.default === null ? undefined : property.default,
          choices: oneOf.map(({ const: value, title: label }) => ({ value, title: label })),
        });
      }
    }
    return fields;
  }

  async function copyText(text) {
    // Pages on plain http other than localhost have no clipboard API, nor have old browsers.
    if (navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return;
      } catch (error) {
        // The browser may refuse it.
      }
    }
    copySelection(text);
  }

  function copySelection(text) {
    const focused = document.activeElement;
    const area = document.createElement('textarea');
    area.value = text;
    // Beside what has the focus: a drawer keeps the focus within itself.
    focused.after(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    focused.focus();
  }

  /** The address to enter in the DingTalk console: the server's, shown and copied, never part of the submitted values. */
  function RedirectUrl({ app, property, callbackOrigin }) {
    const t = useT();
    const { message } = antd.App.useApp();
    const [url, setUrl] = React.useState(property.const);
    React.useEffect(() => {
      let outdated = false;
      const show = (found) => outdated || setUrl(found.properties.redirectUrl.const);
      // Somebody is still typing, maybe.
      const timer = setTimeout(() => fetchSchema(app, { callbackOrigin }).then(show, () => {}), callbackOrigin ? 300 : 0);
      return () => {
        outdated = true;
        clearTimeout(timer);
      };
    }, [callbackOrigin]);
    const copy = () => copyText(url).then(() => message.success(t('Copied')));
    const hint = React.useId();
    // The usual grey of hints is too pale for many eyes.
    const color = antd.theme.useToken().token.colorTextSecondary;
    return h(React.Fragment, null,
      h(antd.Space.Compact, { block: true },
        h(antd.Input, { value: url, readOnly: true, 'aria-label': t(property.title), 'aria-describedby': hint }),
        h(antd.Button, { icon: h(icons.CopyOutlined), onClick: copy, 'aria-label': t('Copy') })),
      h('div', { id: hint, style: { color } }, t(property.description)));
  }

  /** What to do at DingTalk. */
  function ConsoleHelp({ help }) {
    const t = useT();
    const permission = ({ name, description }) => h('li', { key: name }, h('code', null, name), ' – ', t(description));
    return h('div', null,
      h('p', null, t('Register the Redirect URL at the app in the DingTalk developer console, and grant these permissions.')),
      h('ul', null, help.permissions.map(permission)),
      h('a', { href: help.url, target: '_blank', rel: 'noreferrer', style: { textDecoration: 'underline' } },
        t('Open the DingTalk developer console')));
  }

  /** Lets the server ask DingTalk whether what stands in the form works. `row` gives the authenticator as it stands. */
  function TestConnection({ app, row }) {
    const t = useT();
    const [testing, setTesting] = React.useState(false);
    const [messages, setMessages] = React.useState([]);
    const test = async () => {
      setTesting(true);
      setMessages([]);
      const { id, name, options } = row();
      try {
        const response = await app.apiClient.request({
          url: `${AUTH_TYPE}:testConnection`,
          method: 'post',
          params: { filterByTk: id === undefined || id === null ? name : id },
          data: { options },
          skipNotify: true,
        });
        setMessages(response.data.data.messages);
      } catch (error) {
        const errors = errorsOf(error);
        setMessages((errors.length > 0 ? errors : [error]).map(({ message }) => ({ level: 'error', text: message })));
      }
      setTesting(false);
    };
    const alert = ({ level, text }) => h(antd.Alert, { key: text, type: level, showIcon: true, message: text });
    return h(antd.Space, { direction: 'vertical', style: { display: 'flex' } },
      h(antd.Button, { loading: testing, onClick: test }, t('Test connection')),
      // Here before its content, so that screen readers notice what comes.
      h('div', { role: 'status', style: { display: 'grid', gap: 8 } }, messages.map(alert)));
  }

  // The server shows a mask in place of a stored secret. Selected as a whole, it is kept or replaced, never added to.
  const secretInput = { autoComplete: 'new-password', onFocus: (event) => event.target.select() };

  return { useSchema, fieldsOf, RedirectUrl, ConsoleHelp, TestConnection, secretInput };
});
