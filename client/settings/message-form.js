// The form of a message in NocoBase's workflow node, drawn from the server's description.

define('dingtalk/message-form', [
  'require', 'react', 'antd', '@ant-design/icons', 'dingtalk/shared', 'dingtalk/form', 'dingtalk/message-preview',
], (require, { Fragment }, antd, icons, { MESSAGES, h, useT }, { useSchema, Options, Field }, { Preview }) => {
  const { Button, Flex, Form } = antd;
  /** What the two texts of a line are called. */
  const LINES = {
    buttons: { title: 'Title', url: 'Link' },
    rows: { label: 'Label', value: 'Value' },
  };

  /** Entries of a list; `draw` shows one. */
  function List({ name, label, extra, draw, children }) {
    const t = useT();
    return h(Form.Item, { label, extra }, h(Form.List, { name }, (entries, { add, remove }) => h(Flex, { vertical: true, gap: 8 },
      entries.map((entry) => h(Flex, { key: entry.key, gap: 8 },
        draw(entry.name),
        h(Button, { icon: h(icons.DeleteOutlined), 'aria-label': t('Remove the line'), onClick: () => remove(entry.name) }))),
      children || h(Button, { onClick: () => add({}) }, t('Add a line')))));
  }

  /** The form. What it takes from NocoBase's own plugins is asked for when it is opened: they may be off. */
  const messageForm = (app) => new Promise((resolve, reject) => {
    const modules = ['notification-manager', 'workflow'].map((name) => `@nocobase/plugin-${name}/client-v2`);
    require(modules, ({ UserSelect, UserAddition }, { WorkflowVariableInput, WorkflowVariableTextArea }) => {
      const entry = (name, content) => h(Form.Item, { name, noStyle: true }, content);

      function MessageForm({ variableOptions: metaTree, namePrefix = [] }) {
        const t = useT();
        const schema = useSchema(app, MESSAGES, 'messageSchema');
        const form = Form.useFormInstance();
        const values = Form.useWatch(namePrefix, { form, preserve: true }) || {};
        if (!schema) return null;
        const variable = (placeholder) => h(WorkflowVariableInput, { metaTree, placeholder });
        const drawn = {
          variable: variable(),
          variableText: h(WorkflowVariableTextArea, { metaTree, autoSize: { minRows: 5 }, delimiters: ['{{{', '}}}'] }),
        };
        const renderField = (field, { isRequired }) => {
          const lines = LINES[field.path[field.path.length - 1]];
          if (!lines) return h(Field, { field, isRequired, above: namePrefix, drawn: drawn[field.widget] });
          const draw = (line) => Object.keys(lines).map((key) => h('div', { key, style: { flex: 1, minWidth: 0 } }, entry([line, key], variable(t(lines[key])))));
          return h(List, { name: [...namePrefix, ...field.path], label: t(field.title), extra: t(field.description), draw });
        };
        const receivers = [...namePrefix, 'receivers'];
        return h(Fragment, null,
          h(List, {
            name: receivers,
            label: t('Receivers'),
            draw: (line) => h('div', { style: { flex: 1, minWidth: 0 } }, entry(line, h(UserSelect))),
          }, h(UserAddition, { value: values.receivers, onChange: (chosen) => form.setFieldValue(receivers, chosen) })),
          h(Options, { schema, options: values, renderField }),
          h(Preview, values));
      }

      resolve({ default: MessageForm });
    }, reject);
  });

  return { messageForm };
});
