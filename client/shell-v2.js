// Adapts the second generation of the NocoBase client, in addition to shell.js.

define('nocobase-dingtalk-shell/client-v2', ['@nocobase/client-v2', 'nocobase-dingtalk-shell/shared'], ({ Plugin }, { fit }) => {
  class PluginShell extends Plugin {
    async load() {
      fit(this.app, '.ant-form-item:has(#logo .ant-upload-wrapper)');
    }
  }

  return { default: PluginShell };
});
