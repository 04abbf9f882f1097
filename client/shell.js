// Fits both generations of the NocoBase client to a server without files and without a page for roles. Sent before
// shell-v1.js or shell-v2.js, as one file.
'use strict';

define('nocobase-dingtalk-shell/shared', [], () => {
  // Nobody filters by passwords, and this server not by fields of associations.
  const NOT_FILTERED_BY = ['password', 'm2m'];

  /**
   * Tells whoever begins to listen to the system settings what has come already. The client's components draw first and
   * listen after that: what came between the two they would never show, and a sign-in page would stay without the title
   * and the languages for good. A fast answer on a slow machine comes just there.
   */
  function tellLateListeners(settings) {
    if (!settings || typeof settings.subscribe !== 'function') return;
    const subscribe = settings.subscribe.bind(settings);
    settings.subscribe = (listener) => {
      const unsubscribe = subscribe(listener);
      if (settings.data) listener();
      return unsubscribe;
    };
  }

  /** Takes away what leads nowhere; `logoField` selects the field of the logo in the system settings. */
  function fit(app, logoField) {
    tellLateListeners(app.systemSettings);
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
