// The plugin for the first generation of the NocoBase client ("/", "/admin"). The module id is the package name.
'use strict';

define('@nocobase/plugin-auth-dingtalk', [
  'react', '@nocobase/client', '@nocobase/plugin-auth-dingtalk/shared',
], (React, { Plugin, SchemaComponent }, { AUTH_TYPE, useT, signInButton, redirectUrl, secretInput }) => {
  /** Rendered inside the form of the authenticator, at the path `options`. */
  function adminSettingsForm(app) {
    const components = { RedirectUrl: redirectUrl(app) };
    return function AdminSettingsForm() {
      const t = useT();
      // Formily draws the title and the asterisk without tying them to the input, hence the same for screen readers.
      const input = (title, component, props) => ({
        type: 'string',
        title,
        required: true,
        'x-decorator': 'FormItem',
        'x-component': component,
        'x-component-props': { 'aria-label': title, 'aria-required': true, ...props },
      });
      const schema = {
        type: 'object',
        properties: {
          clientId: input(t('Client ID'), 'Input'),
          clientSecret: input(t('Client Secret'), 'Password', secretInput),
          public: {
            type: 'object',
            properties: {
              autoSignup: {
                type: 'boolean',
                'x-decorator': 'FormItem',
                'x-component': 'Checkbox',
                'x-content': t('Sign up automatically when the user does not exist'),
              },
            },
          },
          redirectUrl: {
            type: 'void',
            title: t('Redirect URL'),
            'x-decorator': 'FormItem',
            'x-component': 'RedirectUrl',
          },
        },
      };
      return React.createElement(SchemaComponent, { components, schema });
    };
  }

  class PluginAuthDingtalk extends Plugin {
    async load() {
      this.app.pm.get('auth').registerType(AUTH_TYPE, {
        components: {
          SignInButton: signInButton(this.app, '/admin'),
          AdminSettingsForm: adminSettingsForm(this.app),
        },
      });
    }
  }

  return { default: PluginAuthDingtalk };
});
