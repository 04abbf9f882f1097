// Fits both generations of the NocoBase client to a server without files and without a page for roles. Sent before
// shell-v1.js or shell-v2.js, as one file.
'use strict';

define('nocobase-dingtalk-shell/shared', [], () => {
  // Nobody filters by passwords, and this server not by fields of associations.
  const NOT_FILTERED_BY = ['password', 'm2m'];

  /** Takes away what leads nowhere; `logoField` selects the field of the logo in the system settings. */
  function fit(app, logoField) {
    // With the page goes the link to it on the card of the plugin.
    app.pluginSettingsManager.remove('users-permissions.roles');
    const { collectionFieldInterfaceManager: interfaces } = app.dataSourceManager;
    for (const name of NOT_FILTERED_BY) {
      const found = interfaces.getFieldInterface(name);
      if (found) found.filterable = undefined;
    }
    // A logo would have to be uploaded, and this server keeps no files.
    const style = document.createElement('style');
    style.textContent = `${logoField} { display: none; }`;
    document.head.append(style);
  }

  return { fit };
});
