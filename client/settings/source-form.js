// The form for the options of a directory source, drawn from the server's schema.

define('dingtalk/source-form', [
  'react', 'antd', 'dingtalk/form', 'dingtalk/parts',
], ({ useEffect, Fragment }, antd, { useSchema, Options, Field }, { h, theApp, t, post, Dialog }) => {
  /** The fields, which begin with the stored values. Departments are chosen by name if their names are known. */
  function Fields({ form, row: { source, authenticator: name }, departments }) {
    const schema = useSchema(theApp(), 'dingtalkDirectory', `optionsSchema?authenticator=${encodeURIComponent(name)}`);
    const options = antd.Form.useWatch('options', { form, preserve: true });
    useEffect(() => {
      form.setFieldsValue(source ? { enabled: source.enabled, options: source.options } : { enabled: true });
    }, []);
    if (!schema) return h(antd.Skeleton, { active: true });
    // The authenticator of the source was chosen before.
    const { authenticator, ...properties } = schema.properties;
    const choices = departments.map(({ externalId: value, title }) => ({ value, label: `${title} (${value})` }));
    const drawn = (field) => (field.name === 'departments' ? { ...field, choices } : field);
    return h(Fragment, null,
      h(antd.Form.Item, { name: 'enabled', valuePropName: 'checked' }, h(antd.Checkbox, null, t('Runs by itself, as the schedule says'))),
      h(Options, {
        schema: { ...schema, properties, required: [] }, options, openFirst: { people: true },
        renderField: (field, { isRequired }) => h(Field, { field: drawn(field), isRequired }),
      }));
  }

  function SourceForm({ row, departments, open, onClose, onDone }) {
    const [form] = antd.Form.useForm();
    const act = async () => {
      await form.validateFields();
      // Options that this form does not show are kept.
      const data = { authenticator: row.authenticator, ...form.getFieldsValue(true) };
      await post('dingtalkDirectory:saveSource', data).then(onDone);
    };
    return h(Dialog, {
      open, title: `${t('Directory')}: ${row.title || t('DingTalk')}`, okText: t('Save'), width: 640, onCancel: onClose, act,
    }, h(antd.Form, { form, layout: 'vertical', preserve: false }, h(Fields, { form, row, departments })));
  }

  return { SourceForm };
});
