// The defences of the gateway, as `list.mjs` has those of the server itself.

const APPLICATION = 'src/gateway/reading/application.rs';
const PATH = 'src/gateway/reading/path.rs';
const PARAMETERS = 'src/gateway/reading/parameters.rs';
const DESTINATION = 'src/gateway/destination.rs';
const HEADERS = 'src/gateway/headers.rs';
const SPLICE = 'src/gateway/splice/mod.rs';
const SAVE = 'src/gateway/splice/save.rs';
const SECRETS = 'src/gateway/secrets.rs';
const PERMISSION = 'src/gateway/permission.rs';

export const GATEWAY = [
  {
    defence: 'Gateway: two names of an application',
    file: APPLICATION,
    from: '        if named.any(|other| other != name) || !is_name(name) {',
    to: '        if !is_name(name) {',
    tests: ['a_request_that_names_two_applications_reaches_nobody'],
  },
  {
    defence: 'Gateway: odd spellings of the parameter that names an application',
    file: APPLICATION,
    from: `    if values.next().is_some() || spelled != 1 || parameters.mentioning(PARAMETER) != 1 {
        return Err(Unclear);
    }
`,
    to: '    let _ = (values.next(), spelled);\n',
    tests: ['a_request_that_names_two_applications_reaches_nobody'],
  },
  {
    defence: 'Gateway: another application by its host name',
    file: APPLICATION,
    from: '    if hosts.applications.is_empty() {',
    to: '    if true {',
    tests: ['another_application_is_passed_on_and_never_answered_here', 'host_names_of_a_plugin_that_is_off_are_unclear'],
  },
  {
    defence: 'Gateway: another application is passed on',
    file: DESTINATION,
    from: '    if application_of(exchange, outgoing, in_path.as_deref())? == Application::Other {',
    to: '    let _ = in_path;\n    if false {',
    tests: ['another_application_is_passed_on_and_never_answered_here'],
  },
  {
    defence: 'Gateway: headers that `Connection` names',
    file: HEADERS,
    from: '    names_another || ONCE',
    to: '    let _ = names_another;\n    ONCE',
    tests: ['what_decides_cannot_be_left_behind_or_come_twice'],
  },
  {
    defence: 'Gateway: headers that come twice',
    file: HEADERS,
    from: '.any(|name| headers.get_all(name).count() > 1)',
    to: '.any(|name| headers.get_all(name).count() > 9)',
    tests: ['what_decides_cannot_be_left_behind_or_come_twice'],
  },
  {
    defence: 'Gateway: paths that are straightened out',
    file: PATH,
    from: '        if is_plain(sent) {',
    to: '        if true || is_plain(sent) {',
    tests: ['a_path_that_servers_straighten_out_reaches_nobody'],
  },
  {
    defence: 'Gateway: a preflight has no body',
    file: DESTINATION,
    from: '        part: if is_preflight {',
    to: '        part: if false && is_preflight {',
    tests: ['every_method_of_an_action_is_looked_at'],
  },
  {
    defence: 'Gateway: a preflight has no credentials',
    file: SPLICE,
    from: '        outgoing.head.headers.remove(name);',
    to: '        let _ = (&mut outgoing, name);',
    tests: ['a_false_preflight_performs_nothing_in_the_name_of_its_sender'],
  },
  {
    defence: 'Gateway: filters and orders on options',
    file: DESTINATION,
    from: '    if of_authenticators && (parameters.look_into_options() || !parameters.have_plain_keys()) {',
    to: '    if of_authenticators && false {',
    tests: ['nobody_asks_what_is_in_the_options'],
  },
  {
    defence: 'Gateway: another collection that leads to authenticators',
    file: DESTINATION,
    from: '    refuse_detour(exchange, outgoing, &path)?;\n',
    to: '    let _ = refuse_detour(exchange, outgoing, &path);\n',
    tests: ['no_other_collection_leads_to_authenticators'],
  },
  {
    defence: 'Gateway: actions on authenticators that nobody knows',
    file: DESTINATION,
    from: '        ("authenticators", _) => return Err(ApiError::Forbidden),',
    to: '        ("authenticators", _) => Part::Authenticators,',
    tests: ['nobody_asks_what_is_in_the_options'],
  },
  {
    defence: 'Gateway: names that mean something to JavaScript, in a query',
    file: PARAMETERS,
    from: "    if name.starts_with('[') || name.contains('\\0') || name.split('[').any(odd) {",
    to: '    let _ = odd;\n    if false {',
    tests: ['what_two_readers_take_apart_differently_is_unclear'],
  },
  {
    defence: 'Gateway: several rows, and those that a filter finds',
    file: 'src/gateway/splice/named_rows.rs',
    from: '            _ if FINDERS.iter().any(|name| parameters.has(name)) => Self::Several,\n',
    to: '',
    tests: ['nobody_saves_past_the_check'],
  },
  {
    defence: 'Gateway: types that only look like ours',
    file: SAVE,
    from: '        Some(_) => return Err(invalid("Auth Type")),',
    to: '        Some(value) => value.to_string(),',
    tests: ['nobody_saves_past_the_check'],
  },
  {
    defence: 'Gateway: accounts among the values of an authenticator',
    file: SAVE,
    from: '    if parameters.has("values") || !are_of_columns(values) {',
    to: '    if parameters.has("values") || (false && !are_of_columns(values)) {',
    tests: ['whoever_configures_authenticators_creates_and_unbinds_no_accounts_by_their_values'],
  },
  {
    defence: 'Gateway: rows below an authenticator',
    file: 'src/gateway/splice/authenticators.rs',
    from: "    if address.resource.contains('.') && !is_read {",
    to: "    if false && address.resource.contains('.') && !is_read {",
    tests: ['bindings_below_an_authenticator_are_changed_by_who_may_give_roles'],
  },
  {
    defence: 'Gateway: what keeps values out',
    file: SAVE,
    from: '    let parameters = parameters.only(&["token", "locale"]);',
    to: '    let parameters = parameters.without("filterByTk");',
    tests: ['what_is_saved_says_who_checked_it'],
  },
  {
    defence: 'Gateway: an answer that cannot be looked through',
    file: SPLICE,
    from: '        None if shows == Shows::NoSecrets || bytes.is_empty() => bytes,',
    to: '        None if true || shows == Shows::NoSecrets => bytes,',
    tests: ['an_answer_about_authenticators_that_cannot_be_read_is_held_back'],
  },
  {
    defence: 'Gateway: secrets in any answer',
    file: SECRETS,
    from: '                secret.fill(b\'*\');',
    to: '                let _ = secret;',
    tests: ['a_stored_secret_is_masked_wherever_it_stands', 'a_secret_is_masked_wherever_a_piece_ends'],
  },
  {
    defence: 'Gateway: options that others have written',
    file: 'src/api/provider_actions/authenticator.rs',
    from: 'if rules.give_power() && !may_give_power() {',
    to: 'if false && !may_give_power() {',
    tests: ['what_is_saved_says_who_checked_it'],
  },
  {
    defence: 'Gateway: root is who may do everything',
    file: PERMISSION,
    from: '        _ => name.filter(|name| *name != role::ROOT).unwrap_or_default(),',
    to: '        _ => name.unwrap_or_default(),',
    tests: ['nocobase_says_what_somebody_may'],
  },
  {
    defence: 'Account: of an administrator by department',
    file: 'src/domain/role/account_roles.rs',
    from: '    if store.owner() == Owner::NocoBase {',
    to: '    if store.owner() == Owner::NocoBase && user_id < 0 {',
    tests: [
      'an_administrator_by_department_is_not_linked_by_phone',
      'in_front_of_nocobase_the_roles_of_departments_count_and_none_ends_sessions',
    ],
  },
  {
    defence: 'Gateway: a sign-out that NocoBase refuses for want of a role',
    file: 'src/gateway/sign_out.rs',
    from: '    if answer.status() != StatusCode::UNAUTHORIZED {',
    to: '    if true {',
    tests: ['no_role_stands_in_the_way_of_signing_out'],
  },
  {
    defence: 'Gateway: a NocoBase that comes later and has another database',
    file: 'src/gateway/check/mod.rs',
    from: `        if let Some(fatal) = fatal.into_iter().next() {
            return Err(fatal);
        }
`,
    to: '',
    tests: ['a_gateway_ends_when_the_nocobase_that_comes_later_has_another_database'],
  },
];
