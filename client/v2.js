// The plugin for the second generation of the NocoBase client ("/v/", "/v/admin").
'use strict';

define('@nocobase/plugin-auth-dingtalk/client-v2', [
  'react', 'antd', '@nocobase/client-v2', '@nocobase/plugin-auth-dingtalk/in-app', '@nocobase/plugin-auth-dingtalk/shared',
  '@nocobase/plugin-auth-dingtalk/form',
], (React, antd, { Plugin }, inApp, { AUTH_TYPE, useT, signInButton }, form) => {
  const h = React.createElement;
  const { Item } = antd.Form;

  /** How each widget of the server's description is drawn here. */
  const WIDGETS = {
    text: () => h(antd.Input),
    secret: () => h(antd.Input.Password, form.secretInput),
    select: (label, options) => h(antd.Radio.Group, { options, role: 'radiogroup', 'aria-label': label }),
    checkbox: (label) => h(antd.Checkbox, null, label),
    checkboxes: (label, options) => h(antd.Checkbox.Group, { options, role: 'group', 'aria-label': label }),
  };

  function Field({ field: { path, widget, title, description, required, initial, choices } }) {
    const t = useT();
    // The usual grey of hints is too pale for many eyes.
    const color = antd.theme.useToken().token.colorTextSecondary;
    const options = choices.map(({ value, title }) => ({ value, label: t(title) }));
    return h(Item, {
      name: ['options', ...path],
      label: widget === 'checkbox' ? undefined : t(title),
      valuePropName: widget === 'checkbox' ? 'checked' : 'value',
      initialValue: initial,
      extra: description && h('span', { style: { color } }, t(description)),
      rules: required ? [{ required: true, whitespace: true }] : [],
    }, WIDGETS[widget](t(title), options));
  }

  /** Rendered inside the form of the authenticator; names start at the root of its row. */
  function adminSettingsForm(app) {
    return function AdminSettingsForm() {
      const t = useT();
      const schema = form.useSchema(app);
      const instance = antd.Form.useFormInstance();
      const callbackOrigin = antd.Form.useWatch(['options', 'callbackOrigin'], instance);
      if (!schema) return null;
      const { redirectUrl } = schema.properties;
      return h(React.Fragment, null,
        form.fieldsOf(schema).map((field) => h(Field, { key: field.path.join('.'), field })),
        h(Item, { label: t(redirectUrl.title) }, h(form.RedirectUrl, { app, property: redirectUrl, callbackOrigin })),
        h(Item, null, h(form.ConsoleHelp, { help: schema['x-console'] })),
        h(Item, null, h(form.TestConnection, { app, row: () => instance.getFieldsValue(true) })));
    };
  }

  /** This generation asks for components lazily; ours are small enough to be here already. */
  function loaderOf(component) {
    return async () => ({ default: component });
  }

  class PluginAuthDingtalk extends Plugin {
    async load() {
      this.app.pm.get('auth').registerType(AUTH_TYPE, {
        signInButtonLoader: loaderOf(signInButton(this.app, '/v/admin')),
        adminSettingsFormLoader: loaderOf(adminSettingsForm(this.app)),
      });
      // Where «Settings» on the card of the plugin leads.
      this.app.pluginSettingsManager.setPluginSettingsLink('auth-dingtalk', 'auth.authenticators');
      await inApp.enter(this.app, '/v/admin');
    }
  }

  return { default: PluginAuthDingtalk };
});
