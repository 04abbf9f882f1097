// The plugin for the second generation of the NocoBase client ("/v/", "/v/admin").
'use strict';

define('@nocobase/plugin-auth-dingtalk/client-v2', [
  'react', 'antd', '@nocobase/client-v2', '@nocobase/plugin-auth-dingtalk/shared',
], (React, antd, { Plugin }, { AUTH_TYPE, useT, signInButton, redirectUrl, secretInput }) => {
  const h = React.createElement;

  /** Rendered inside the form of the authenticator; names start at the root of its row. */
  function adminSettingsForm(app) {
    const RedirectUrl = redirectUrl(app);
    return function AdminSettingsForm() {
      const t = useT();
      const { Item } = antd.Form;
      const rules = [{ required: true, whitespace: true }];
      return h(React.Fragment, null,
        h(Item, { name: ['options', 'clientId'], label: t('Client ID'), rules }, h(antd.Input)),
        h(Item, { name: ['options', 'clientSecret'], label: t('Client Secret'), rules },
          h(antd.Input.Password, secretInput)),
        h(Item, { name: ['options', 'public', 'autoSignup'], valuePropName: 'checked' },
          h(antd.Checkbox, null, t('Sign up automatically when the user does not exist'))),
        h(Item, { label: t('Redirect URL') }, h(RedirectUrl)));
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
    }
  }

  return { default: PluginAuthDingtalk };
});
