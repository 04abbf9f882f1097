// What the first generation of the NocoBase client needs beside shell.js.
'use strict';

define('nocobase-dingtalk-shell', ['@nocobase/client', 'nocobase-dingtalk-shell/shared'], ({ Plugin }, { fit }) => {
  class PluginShell extends Plugin {
    async load() {
      fit(this.app, '.ant-formily-item:has(.nb-upload)');
      // What the field of the logo asks the file manager for; without it the client complains on the console.
      this.app.addScopes({ useFileCollectionStorageRules: () => ({}) });
    }
  }

  return { default: PluginShell };
});
