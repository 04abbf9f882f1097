// What a message looks like in DingTalk, while somebody writes it in NocoBase's workflow node.

define('dingtalk/message-preview', [
  'antd', 'dingtalk/shared',
], (antd, { h, useT }) => {
  /** A text in which the last name of each variable stands in its place, because values come only when it is sent. */
  const shown = (text) => String(text || '').replace(/\{{2,3}([^{}]*)\}{2,3}/g, (_, path) => `[${path.trim().split('.').pop()}]`);

  /** The message. A card without buttons has the link, as the server would send it. */
  function Preview({ title, content, options }) {
    const t = useT();
    const { url, message } = options || {};
    const { kind = 'card', button, buttons, rows, inARow } = message || {};
    const isText = kind === 'text';
    const list = (of, entries) => ((kind === of && entries) || []).filter(Boolean);
    const lines = list('form', rows).map(({ label, value }) => `${shown(label)}: ${shown(value)}`);
    let links = list('buttons', buttons);
    if (links.length === 0 && url && kind !== 'form') links = [{ title: button || title }];
    return h(antd.Form.Item, { label: t('Preview') }, h(antd.Card, {
      size: 'small', title: !isText && shown(title), style: { maxWidth: 320, overflowWrap: 'anywhere' }, 'data-message-preview': '',
    },
    h('div', { style: { whiteSpace: 'pre-wrap' } },
      [isText && shown(title), ...lines, shown(content), isText && shown(url)].filter(Boolean).join('\n')),
    !isText && h(antd.Flex, { vertical: !inARow, gap: 8 },
      links.map((link, key) => h(antd.Tag, { key, style: { flex: 1, margin: 0, textAlign: 'center' } }, shown(link.title))))));
  }

  return { Preview };
});
