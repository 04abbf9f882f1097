// What docs/security.md promises against an attacker's evening: each defence, how to take it out of the code, and the
// tests that must then fail. `run.mjs` does it.
//
// `from` stands once in `file`. Without it the code still has to compile.

const PENDING = 'src/domain/pending_sign_in/mod.rs';
const REDIRECT = 'src/domain/redirect.rs';
const RETURN = 'src/api/provider_actions/redirect.rs';
const PROVIDER = 'src/provider/dingtalk/identify.rs';
const STREAM = 'src/provider/dingtalk/events/stream.rs';
const TRANSPORT = 'src/provider/dingtalk/transport.rs';
const COOKIE = 'src/api/provider_actions/login_state.rs';
const PEER = 'src/edge/peer.rs';
const VERIFY = 'src/domain/session/verify/mod.rs';
const LIMITS = 'src/domain/guess_limits/mod.rs';
const SIGN_IN = 'src/domain/sign_in/mod.rs';
const USERNAME = 'src/domain/username.rs';
const CODES = 'sandbox/src/state/codes.rs';
const BODY = 'src/edge/body.rs';
const PAGE = 'src/api/provider_actions/landing.rs';

export const DEFENCES = [
  // Accounts
  {
    defence: 'Accounts: a role that sees its own accounts asks about others by filters',
    file: 'src/standalone/users/list.rs',
    from: '    if caller.role.scope("view") != Some(Scope::All) {',
    to: '    if caller.role.scope("view") != Some(Scope::All) && false {',
    tests: ['who_sees_accounts_of_their_own_asks_nothing_about_others'],
  },
  {
    defence: 'Accounts: an API key of one role changes the profile of its owner',
    file: 'src/standalone/users/profile.rs',
    from: '    if caller.claims.role_name.is_some() {',
    to: '    if caller.claims.role_name.is_some() && false {',
    tests: ['a_key_of_one_role_changes_no_account_of_its_owner_who_has_others'],
  },
  {
    defence: 'Accounts: an API key ends the sessions of its owner',
    file: 'src/api/auth/sign_out_everywhere.rs',
    from: '    if !caller.claims.is_session() {',
    to: '    if !caller.claims.is_session() && false {',
    tests: ['a_key_of_one_role_changes_no_account_of_its_owner_who_has_others'],
  },
  // Authenticators
  {
    defence: 'Authenticators: other people while the bindings follow a new name',
    file: 'src/domain/authenticator/check.rs',
    from: 'names = store.names_before_renames(row.id).await?;',
    to: 'names.clear();',
    tests: ['an_authenticator_gets_no_other_people_while_its_bindings_follow'],
  },
  {
    defence: 'Authenticators: a stranger while the bindings follow a new name',
    file: 'src/domain/sign_in/mod.rs',
    from: 'None if store.owner() == Owner::NocoBase => {',
    to: 'None if store.owner() == Owner::NocoBase && false => {',
    tests: ['who_signs_in_before_the_bindings_have_followed_has_their_own_account'],
  },
  // Directory
  {
    defence: 'Directory: a role for the page «Synchronize» alone saves or runs a source',
    file: 'src/gateway/splice/sync.rs',
    from: '    if permitted.may_destroy {',
    to: '    if permitted.may_destroy || true {',
    tests: ['a_role_for_the_page_alone_neither_saves_nor_runs_a_source'],
  },
  {
    defence: 'Directory: a synchronization writes to the profile of root',
    file: 'src/domain/directory/plan/profile.rs',
    from: 'account.filter(|account| account.is_root)',
    to: 'account.filter(|account| account.is_root && false)',
    tests: ['the_profile_of_root_stays_and_a_run_says_so'],
  },
  // Messages
  {
    defence: 'Messages: that a call is about to be made is written down before it',
    file: 'src/domain/message/attempt.rs',
    from: 'let begun = state(State::Sending, None, Some(self.now_ms() + CALL_MS));',
    to: 'let begun = state(State::Claimed, None, Some(self.now_ms() + CALL_MS));',
    tests: ['whenever_the_server_is_killed_each_message_arrives_at_most_once_and_none_is_forgotten'],
  },
  // The Stream
  {
    defence: 'Stream: silent, and pings are not answered',
    file: 'src/worker/stream/receiver.rs',
    from: 'if quiet >= SILENT && self.has_asked {',
    to: 'if false {',
    tests: ['a_connection_over_which_nothing_comes_is_given_up_and_opened_anew'],
  },
  {
    defence: 'Stream: a frame of any size',
    file: STREAM,
    from: `        .max_message_size(Some(LARGEST_FRAME))
        .max_frame_size(Some(LARGEST_FRAME));`,
    to: '        .max_message_size(None).max_frame_size(None);',
    tests: ['a_frame_that_is_too_large_is_refused_and_ends_the_connection'],
  },
  {
    defence: 'Stream: acknowledged and not stored',
    file: 'src/worker/stream/receiver.rs',
    from: 'self.connection.acknowledge(receipt, is_stored);',
    to: 'self.connection.acknowledge(receipt, true);',
    tests: ['an_event_that_cannot_be_stored_is_asked_for_later_over_the_same_connection'],
  },
  {
    defence: 'Stream: wrong credentials taken for a network that is away',
    file: STREAM,
    from: `            E::Credentials(_)
            | E::Organization(_)`,
    to: '            E::Organization(_)',
    tests: ['wrong_credentials_are_told_and_right_ones_connect_at_once', 'doctor_tells_wrong_credentials_from_a_network_that_is_away'],
  },
  {
    defence: 'Stream: a network that is away taken for wrong credentials',
    file: STREAM,
    from: 'error => Self::Failed(error.into()),',
    to: 'error => Self::Misconfigured(error.into()),',
    tests: ['a_network_that_is_away_is_not_taken_for_wrong_credentials', 'doctor_tells_wrong_credentials_from_a_network_that_is_away'],
  },
  {
    defence: 'Stream: past the proxy of HTTPS_PROXY',
    file: TRANSPORT,
    from: 'if to_this_machine {',
    to: 'if true {',
    tests: ['the_stream_goes_through_the_proxy_of_https'],
  },
  {
    defence: 'Stream: an event is sent to doctor',
    file: 'src/cli/doctor/directory.rs',
    from: 'timeout(OPENING, provider.check_events())',
    to: 'timeout(OPENING, async { provider.open_events().await.map(drop) })',
    tests: ['doctor_takes_no_event_away_from_the_server'],
  },
  {
    defence: 'Stream: a killed server waits for its own leases',
    file: 'src/cli/serve.rs',
    from: 'if lock.is_some() {',
    to: 'if false {',
    tests: ['a_server_that_was_killed_goes_on_at_once_where_no_other_can_be'],
  },
  // State
  {
    defence: 'State: forged, or of another browser',
    file: PENDING,
    from: '        let pending = self.0.iter_mut().find(|pending| pending.state == state);\n',
    to: `        if self.find(state).is_none() {
            self.add("dingtalk", "/admin", None, now);
            if let Some(made_up) = self.0.last_mut() {
                made_up.state = state.to_owned();
            }
        }
        let pending = self.0.iter_mut().find(|pending| pending.state == state);\n`,
    tests: ['a_return_without_a_state_of_this_browser_is_refused_before_dingtalk_is_asked', 'a_tampered_cookie_counts_as_none', 'a_planted_cookie_gives_its_planter_nothing'],
  },
  {
    defence: 'State: absent',
    file: PENDING,
    from: `        let state = state
            .filter(|state| !state.is_empty())
            .ok_or(ReturnError::Missing)?;`,
    to: `        let newest = self.0.last().map(|pending| pending.state.clone());
        let state = state.filter(|state| !state.is_empty()).or(newest.as_deref());
        let state = state.ok_or(ReturnError::Missing)?;`,
    tests: ['a_return_without_a_state_of_this_browser_is_refused_before_dingtalk_is_asked'],
  },
  {
    defence: 'State: expired',
    file: PENDING,
    from: '        if pending.is_expired(now) {\n            return',
    to: '        if false {\n            return',
    tests: ['an_attempt_ends_after_ten_minutes'],
  },
  {
    defence: 'State: replayed with a cookie that was put back',
    file: PENDING,
    from: '            return Err(ReturnError::Replayed);',
    to: '            log::trace!("replayed");',
    tests: ['a_cookie_that_is_put_back_does_not_revive_a_used_state', 'a_state_is_used_once_even_when_it_comes_back_many_times_at_once', 'two_servers_on_one_database_take_a_state_once'],
  },
  {
    defence: 'State: replayed in its own browser',
    file: PENDING,
    from: '        if pending.used {',
    to: '        if false {',
    tests: ['a_reload_of_the_return_leads_on_and_signs_nobody_in_again'],
  },
  {
    defence: 'State: named twice',
    file: RETURN,
    from: 'if call.query.count("state") > 1 {',
    to: 'if false {',
    tests: ['what_dingtalk_brings_back_must_be_one_code'],
  },
  {
    defence: 'State: for the authenticator that the address names',
    file: RETURN,
    from: 'enabled_authenticator(app, provider, &pending.authenticator).await;',
    to: 'enabled_authenticator(app, provider, call.query.get("authenticator").unwrap_or(&pending.authenticator)).await;',
    tests: ['a_state_counts_for_the_authenticator_that_it_was_begun_with'],
  },
  {
    defence: 'State: of another provider',
    file: 'src/api/provider_actions/authenticator.rs',
    from: 'row.enabled == Some(true) && row.auth_type == names.auth_type;',
    to: 'row.enabled == Some(true) && !names.auth_type.is_empty();',
    tests: ['the_answer_of_one_provider_does_not_count_at_another'],
  },
  {
    defence: 'State: for the authenticator that a header names',
    file: RETURN,
    from: 'enabled_authenticator(app, provider, &pending.authenticator).await;',
    to: 'enabled_authenticator(app, provider, call.header("x-authenticator").unwrap_or(&pending.authenticator)).await;',
    tests: ['a_state_counts_for_the_authenticator_that_it_was_begun_with'],
  },
  {
    defence: 'State: several tabs',
    file: PENDING,
    from: 'const AT_ONCE: usize = 5;',
    to: 'const AT_ONCE: usize = 1;',
    tests: ['several_tabs_can_be_on_their_way'],
  },
  {
    defence: 'State: a fresh one each time, so that a planted cookie fixes nothing',
    file: PENDING,
    from: '        let state = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; STATE_BYTES]>());',
    to: `        let state = match self.0.last() {
            Some(last) => last.state.clone(),
            None => BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; STATE_BYTES]>()),
        };`,
    tests: ['a_planted_cookie_gives_its_planter_nothing', 'states_are_long_and_never_the_same'],
  },
  {
    defence: 'Cookie: unreadable for its holder',
    file: COOKIE,
    from: 'jar.private_mut(&self.key)',
    to: 'jar.signed_mut(&self.key)',
    tests: ['the_cookie_is_for_the_api_alone_and_never_for_scripts'],
  },
  {
    defence: 'Cookie: not for scripts',
    file: COOKIE,
    from: '.http_only(true)',
    to: '.http_only(false)',
    tests: ['the_cookie_is_for_the_api_alone_and_never_for_scripts'],
  },
  {
    defence: 'Cookie: for the API alone',
    file: COOKIE,
    from: '.path(http.api_path())',
    to: '.path("/".to_owned())',
    tests: ['the_cookie_is_for_the_api_alone_and_never_for_scripts'],
  },
  {
    defence: 'Cookie: by TLS alone where browsers come so',
    file: COOKIE,
    from: '.secure(is_https(self.call.request.head(), http))',
    to: '.secure(false && is_https(self.call.request.head(), http))',
    tests: ['cookies_are_secure_where_browsers_come_by_tls'],
  },
  {
    defence: 'Cookie: not along with requests of other sites',
    file: COOKIE,
    from: 'SameSite::Lax)',
    to: 'SameSite::None)',
    tests: ['the_cookie_is_for_the_api_alone_and_never_for_scripts'],
  },
  {
    defence: 'Cookie: no session is taken from it',
    file: 'src/edge/head.rs',
    from: '    query.get("token").map(str::to_owned)',
    to: `    let cookie = request.cookie("nb_auth_token_main").map(|cookie| cookie.value().to_owned());
    query.get("token").map(str::to_owned).or(cookie)`,
    tests: ['tokens_come_in_the_header_or_the_query_but_not_in_cookies'],
  },

  // Codes
  {
    defence: 'Code: never sent twice',
    file: PROVIDER,
    from: `        let user_token = self
            .client
            .user_token(&options.client_id, options.client_secret(), code)
            .await?;`,
    to: `        let user_token = retrying(|| {
            self.client
                .user_token(&options.client_id, options.client_secret(), code)
        })
        .await?;`,
    tests: ['a_busy_dingtalk_is_asked_again_but_never_twice_for_a_code'],
  },
  {
    defence: 'Code: one of the app is not taken for one of the login page',
    file: PROVIDER,
    from: '                Code::LoginPage(code) => self.by_login_page(options, code).await?,',
    to: `                Code::LoginPage(code) => match self.by_login_page(options, code).await {
                    Ok(named) => named,
                    Err(_) => self.by_in_app_code(options, code).await?,
                },`,
    tests: ['the_two_kinds_of_code_are_never_mixed'],
  },
  {
    defence: 'Code: one of the login page is not taken for one of the app',
    file: PROVIDER,
    from: '                Code::InApp(code) => self.by_in_app_code(options, code).await?,',
    to: `                Code::InApp(code) => match self.by_in_app_code(options, code).await {
                    Ok(named) => named,
                    Err(_) => self.by_login_page(options, code).await?,
                },`,
    tests: ['the_two_kinds_of_code_are_never_mixed'],
  },
  {
    defence: 'Code: two that differ in one return',
    file: 'src/api/provider_actions/account.rs',
    from: 'if codes.any(|other| other != code) {',
    to: 'if codes.any(|other| other.len() + code.len() == usize::MAX) {',
    tests: ['what_dingtalk_brings_back_must_be_one_code'],
  },
  {
    defence: 'Code: named twice in one return',
    file: 'src/api/provider_actions/account.rs',
    from: 'if names.iter().any(|name| query.count(name) > 1) {',
    to: 'if false {',
    tests: ['what_dingtalk_brings_back_must_be_one_code'],
  },
  {
    defence: 'Code: tried out without end',
    file: LIMITS,
    from: '        self.codes.spend(address)?;\n',
    to: '',
    tests: ['codes_are_not_tried_out_without_end'],
  },
  {
    defence: 'Code: good ones do not count',
    file: LIMITS,
    from: '        self.limits.codes.refund(self.address);',
    to: '',
    tests: ['a_company_behind_one_address_signs_in_as_often_as_it_likes'],
  },
  {
    defence: 'Code: replayed at the login page (DingTalk refuses it, and the sandbox for it)',
    file: CODES,
    from: '        self.0.remove(value);\n        Some(consent)',
    to: '        Some(consent)',
    tests: ['codes_of_others_and_of_the_past_are_refused', 'of_a_code_that_comes_many_times_at_once_one_gets_in'],
  },
  {
    defence: 'Code: replayed inside DingTalk (the same)',
    file: CODES,
    from: 'self.0.remove(value).map(|code| code.person)',
    to: 'self.0.get(value).map(|code| code.person.clone())',
    tests: ['a_code_works_once_and_for_five_minutes'],
  },
  {
    defence: 'Code: of another app at the login page (the same)',
    file: CODES,
    from: 'if owner != client_id {',
    to: 'if owner.is_empty() && client_id.is_empty() {',
    tests: ['a_code_of_another_app_signs_nobody_in'],
  },
  {
    defence: 'Code: of another app inside DingTalk (the same)',
    file: CODES,
    from: 'client_id.as_ref().is_none_or(|id| *id == app.client_id)',
    to: 'client_id.as_ref().is_none_or(|id| !id.is_empty())',
    tests: ['a_code_of_another_app_is_refused'],
  },

  // Targets
  {
    defence: 'Target: what browsers drop or read otherwise',
    file: REDIRECT,
    from: 'text.contains(strange) ||',
    to: '(text.contains(strange) && text.is_empty()) ||',
    tests: ['pages_elsewhere_become_the_start_page'],
  },
  {
    defence: 'Target: over-long',
    file: REDIRECT,
    from: 'text.len() > LONGEST ||',
    to: '',
    tests: ['pages_elsewhere_become_the_start_page', 'no_target_leads_out_of_this_application'],
  },
  {
    defence: 'Target: no path',
    file: REDIRECT,
    from: "|| !text.starts_with('/') {",
    to: '{',
    tests: ['pages_elsewhere_become_the_start_page'],
  },
  {
    defence: 'Target: of another origin',
    file: REDIRECT,
    from: 'if url.origin() != base.origin() || url.path()',
    to: 'if url.path()',
    tests: ['pages_elsewhere_become_the_start_page'],
  },
  {
    defence: 'Target: scheme-relative once it is understood',
    file: REDIRECT,
    from: ' || url.path().starts_with("//") ||',
    to: ' ||',
    tests: ['pages_elsewhere_become_the_start_page'],
  },
  {
    defence: 'Target: upwards for a proxy that decodes %2f',
    file: REDIRECT,
    from: ' || climbs(url.path()) {',
    to: ' {',
    tests: ['no_target_leads_out_of_this_application', 'pages_elsewhere_become_the_start_page'],
  },
  {
    defence: 'Target: not looked at at all',
    file: REDIRECT,
    from: 'asked.and_then(same_origin_page)',
    to: 'asked.map(str::to_owned)',
    tests: ['no_target_leads_out_of_this_application', 'after_signing_in_one_stays_in_this_application', 'the_way_on_stays_in_this_application'],
  },
  {
    defence: 'Target: into another application of the origin',
    file: REDIRECT,
    from: `            if below {
                path.to_owned()
            } else {
                public_path.join(path)
            }`,
    to: `            if below || !path.is_empty() {
                path.to_owned()
            } else {
                public_path.join(path)
            }`,
    tests: ['no_target_leads_out_of_this_application', 'the_public_path_is_added_where_the_client_left_it_out'],
  },
  {
    defence: 'Target: whose name only begins like ours',
    file: REDIRECT,
    from: "                .is_some_and(|rest| rest.starts_with('/'));",
    to: '                .is_some();',
    tests: ['no_target_leads_out_of_this_application', 'the_public_path_is_added_where_the_client_left_it_out'],
  },

  // Headers
  {
    defence: 'Headers: X-Forwarded-* of anybody',
    file: PEER,
    from: 'last(request.headers(), name).filter(|_| trusted)',
    to: 'last(request.headers(), name).filter(|_| trusted || true)',
    tests: ['a_visitor_who_writes_headers_chooses_nothing', 'forwarding_headers_count_only_from_a_trusted_proxy'],
  },
  {
    defence: 'Headers: X-Forwarded-For of anybody',
    file: PEER,
    from: '    if !http.trusts(peer) {\n        return peer;\n    }\n',
    to: '',
    tests: ['forwarding_headers_open_no_second_door'],
  },
  {
    defence: 'Headers: what stood there before the trusted proxy wrote',
    file: PEER,
    from: "value.rsplit(',').next()",
    to: "value.split(',').next()",
    tests: ['of_several_values_the_one_of_the_trusted_proxy_counts'],
  },
  {
    defence: 'Headers: X-Forwarded-For before the trusted proxy wrote',
    file: PEER,
    from: 'hops.into_iter().rev()',
    to: 'hops.into_iter()',
    tests: ['forwarding_headers_open_no_second_door'],
  },
  {
    defence: 'Headers: an invalid Host',
    file: 'src/config/origin.rs',
    from: '        text.parse().ok()\n    }\n\n    /// The origin in the browsers',
    to: '        Some(Self(text))\n    }\n\n    /// The origin in the browsers',
    tests: ['a_host_that_is_none_begins_no_sign_in'],
  },
  {
    defence: 'Headers: Origin and Referer of another site at dingtalk:getAuthUrl and dingtalk:inAppSignIn',
    file: 'src/api/provider_actions/mod.rs',
    from: 'refuse_cross_origin(app, &call.request, named)?;',
    to: 'let _ = refuse_cross_origin(app, &call.request, named);',
    tests: ['another_sites_page_cannot_begin_a_sign_in', 'another_sites_page_cannot_hand_in_a_code'],
  },
  {
    defence: 'Headers: the same at auth:signIn',
    file: 'src/standalone/auth/sign_in.rs',
    from: 'refuse_cross_origin(&call.app, &call.request, None)?;',
    to: 'let _ = refuse_cross_origin(&call.app, &call.request, None);',
    tests: ['another_sites_page_cannot_sign_anybody_in'],
  },
  {
    defence: 'Headers: Origin: null, and what cannot be read',
    file: PEER,
    from: '!from.as_ref().is_some_and(is_of_server))',
    to: 'from.as_ref().is_some_and(|from| !is_of_server(from)))',
    tests: ['another_sites_page_cannot_begin_a_sign_in'],
  },
  {
    defence: 'Headers: a Referer alone',
    file: PEER,
    from: '(None, Some(referer)) => page_origin(referer),',
    to: '(None, Some(referer)) if referer.is_empty() => page_origin(referer),\n        (None, Some(_)) => return false,',
    tests: ['another_sites_page_cannot_begin_a_sign_in'],
  },
  {
    defence: 'Headers: a form instead of JSON',
    file: 'src/api/provider_actions/in_app.rs',
    from: 'if call.request.content_type() != "application/json" {',
    to: 'if false {',
    tests: ['a_form_cannot_hand_in_a_code'],
  },

  // Tokens
  {
    defence: 'Token: none, another algorithm, another secret, another body',
    file: 'src/domain/session/key.rs',
    from: 'jsonwebtoken::decode::<T>(token, &self.decoding, &self.validation);',
    to: 'jsonwebtoken::dangerous::insecure_decode::<T>(token);',
    tests: ['a_token_does_not_talk_its_way_in', 'what_is_wrong_with_a_token_is_told_by_its_code', 'only_this_key_is_believed', 'a_token_does_not_choose_its_algorithm'],
  },
  {
    defence: 'Token: of a session that is over',
    file: VERIFY,
    from: '.is_some_and(|began| since(began) > policy.session)',
    to: '.is_some_and(|began| since(began) < TimeDelta::MIN)',
    tests: ['a_session_ends_after_a_week'],
  },
  {
    defence: 'Token: an API key that has ended',
    file: VERIFY,
    from: 'if past_end && !claims.is_session() {',
    to: 'if false {',
    tests: ['what_is_wrong_with_a_token_is_told_by_its_code'],
  },
  {
    defence: 'Token: of before its time',
    file: VERIFY,
    from: 'if claims.nbf.is_some_and(|nbf| nbf > now.timestamp()) {',
    to: 'if false {',
    tests: ['what_is_wrong_with_a_token_is_told_by_its_code'],
  },
  {
    defence: 'Token: signed out',
    file: VERIFY,
    from: '            return Err(TokenError::Blocked);',
    to: '            log::trace!("blocked");',
    tests: ['signing_out_ends_the_token_for_everybody'],
  },
  {
    defence: 'Token: replaces one that was signed out',
    file: 'src/domain/session/issue.rs',
    from: '            && !transaction.forget_issued_token(jti).await?\n',
    to: '            && !transaction.forget_issued_token(jti).await?\n            && false\n',
    tests: ['signing_out_with_a_token_that_was_renewed_ends_the_one_that_replaces_it', 'a_sign_out_follows_its_token_through_all_renewals'],
  },
  {
    defence: 'Token: older than the password',
    file: VERIFY,
    from: '            return Err(TokenError::PasswordChanged);',
    to: '            log::trace!("outdated");',
    tests: ['who_knows_the_old_password_chooses_a_new_one'],
  },
  {
    defence: 'Token: of an account that is gone',
    file: VERIFY,
    from: '        let account = account.ok_or(TokenError::UnknownUser)?;',
    to: `        let account = match account {
            Some(account) => account,
            None => store.account(1).await?.ok_or(TokenError::UnknownUser)?,
        };`,
    tests: ['the_token_of_a_deleted_account_is_refused', 'what_is_wrong_with_a_token_is_told_by_its_code'],
  },
  {
    defence: 'Token: with claims of one’s own',
    file: 'src/domain/session/claims.rs',
    from: '        default,\n        deserialize_with = "account",\n',
    to: '        default,\n        rename(deserialize = "id"),\n        deserialize_with = "account",\n',
    tests: ['claims_that_nobody_asked_for_give_nothing'],
  },

  // Bodies
  {
    defence: 'Body: large, from anybody',
    file: BODY,
    from: 'pub const PUBLIC_LIMIT: usize = 64 * 1024;',
    to: 'pub const PUBLIC_LIMIT: usize = 20 * 1024 * 1024;',
    tests: ['anybody_may_send_a_little_and_who_administers_much', 'no_public_action_reads_much'],
  },
  {
    defence: 'Body: 10 MB and a byte',
    file: BODY,
    from: 'pub const LIMIT: usize = 10 * 1024 * 1024;',
    to: 'pub const LIMIT: usize = 20 * 1024 * 1024;',
    tests: ['anybody_may_send_a_little_and_who_administers_much'],
  },
  {
    defence: 'Body: lists and operators for texts',
    file: 'src/edge/text.rs',
    from: '    Number(Number),',
    to: '    Number(Value),',
    tests: ['operators_and_lists_are_no_credentials', 'wrong_types_in_any_field_are_refused_and_change_nothing'],
  },
  {
    defence: 'Body: keys twice',
    file: BODY,
    from: '                Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(Self(value)),',
    to: `                Ok(Value::Object(_)) => {
                    // The first one counts.
                    let text = String::from_utf8_lossy(bytes);
                    let mut first = Map::new();
                    for pair in text.trim_matches(['{', '}']).split(',') {
                        if let Some((key, value)) = pair.split_once(':')
                            && let (Ok(key), Ok(value)) = (serde_json::from_str::<String>(key), serde_json::from_str::<Value>(value))
                        {
                            first.entry(key).or_insert(value);
                        }
                    }
                    Ok(Self(Value::Object(first)))
                }
                Ok(value @ Value::Array(_)) => Ok(Self(value)),`,
    tests: ['a_key_that_comes_twice_has_one_meaning'],
  },

  // Passwords
  {
    defence: 'Passwords: guessed at one account from one address',
    file: LIMITS,
    from: '        self.pairs.spend(pair)?;\n',
    to: '',
    tests: ['ten_wrong_passwords_are_looked_at_and_then_one_every_six_seconds', 'guesses_sent_together_do_not_overtake_their_count', 'one_account_can_be_guessed_at_ten_times_and_then_every_six_seconds'],
  },
  {
    defence: 'Passwords: guessed from one address at many accounts',
    file: LIMITS,
    from: `        if let Err(refused) = self.addresses.spend(address) {
            self.pairs.refund(pair);
            return Err(refused);
        }`,
    to: '',
    tests: ['one_address_can_try_sixty_accounts'],
  },
  {
    defence: 'Passwords: guessed from everywhere at one account',
    file: LIMITS,
    from: `            Err(refused) => {
                self.pairs.refund(pair);
                self.addresses.refund(address);
                return Err(refused);
            }`,
    to: '            Err(_) => None,',
    tests: ['a_crowd_cannot_lock_the_owner_out_of_a_familiar_place'],
  },
  {
    defence: 'Passwords: the guard does not lock the owner out',
    file: LIMITS,
    from: '            Err(_) if self.is_familiar(pair) => None,\n',
    to: '',
    tests: ['a_crowd_cannot_lock_the_owner_out_of_a_familiar_place'],
  },
  {
    defence: 'Passwords: right ones do not count',
    file: LIMITS,
    from: '        self.limits.pairs.refund(self.pair);\n',
    to: '',
    tests: ['whoever_knows_the_password_may_sign_in_as_often_as_they_like', 'right_ones_do_not_count'],
  },
  {
    defence: 'Passwords: Retry-After',
    file: 'src/edge/error/response.rs',
    from: '            response.insert_header((RETRY_AFTER, seconds));',
    to: '            log::trace!("{RETRY_AFTER} {seconds}");',
    tests: ['ten_wrong_passwords_are_looked_at_and_then_one_every_six_seconds'],
  },
  {
    defence: 'Passwords: which accounts exist, by the time it takes',
    file: 'src/domain/password.rs',
    from: '    let (salt, key) = stored\n',
    to: '    if stored.is_none() {\n        return Ok(false);\n    }\n    let (salt, key) = stored\n',
    tests: ['an_unknown_account_costs_as_much_as_a_wrong_password'],
  },
  {
    defence: 'Passwords: hashes of clients that have left',
    file: 'src/domain/password.rs',
    from: '        Self { _permit: permit }',
    to: `        drop(permit);
        let none = Arc::new(Semaphore::new(1)).try_acquire_owned();
        Self { _permit: none.unwrap() }`,
    tests: ['who_breaks_off_leaves_no_more_hashes_running_than_anybody_may'],
  },
  {
    defence: 'Passwords: one that an administrator sets while whoever knows the old one changes it',
    file: 'src/domain/password_change.rs',
    from: 'if current.and_then(|user| user.password) != stored {',
    to: 'if current.is_none() {',
    tests: ['a_password_that_an_administrator_sets_meanwhile_stays'],
  },
  {
    defence: 'Passwords: guessed at with a stolen token',
    file: 'src/api/auth/mod.rs',
    from: 'let key = format!("\\0 {}", call.caller()?.user.id);',
    to: 'let key = format!("\\0 {} {:?}", call.caller()?.user.id, call.request_id);',
    tests: ['a_stolen_token_is_no_place_to_guess_the_password_at'],
  },
  {
    defence: 'Sign-ups in bulk',
    file: 'src/standalone/auth/sign_up.rs',
    from: '    call.app.guess_limits.begin_from(call.client_address())?;\n',
    to: '',
    tests: ['sign_ups_and_addresses_are_not_tried_out_in_bulk'],
  },

  // User names
  {
    defence: 'User names: other forms of the same letters',
    file: USERNAME,
    from: 'is_nfkc(name) && ',
    to: '',
    tests: ['names_that_pass_for_others_are_not'],
  },
  {
    defence: 'User names: spaces',
    file: USERNAME,
    from: 'has_plain_spaces(name) && ',
    to: '',
    tests: ['names_that_pass_for_others_are_not', 'nobody_calls_themselves_what_reads_like_somebody_else'],
  },
  {
    defence: 'User names: letters of several scripts, invisible signs',
    file: USERNAME,
    from: ' && is_of_one_script(name)',
    to: '',
    tests: ['names_that_pass_for_others_are_not', 'nobody_calls_themselves_what_reads_like_somebody_else'],
  },
  {
    defence: 'User names: another script that looks like ASCII',
    file: USERNAME,
    from: ' && !passes_for_ascii(name)',
    to: '',
    tests: ['names_that_pass_for_others_are_not'],
  },
  {
    defence: 'User names: another case of a name that is taken',
    file: 'src/domain/sign_up.rs',
    from: 'store.username_is_taken_in_any_case(username, None).await?',
    to: 'store.username_is_taken(username, None).await?',
    tests: ['nobody_calls_themselves_what_reads_like_somebody_else'],
  },

  // Secrets
  {
    defence: 'Secrets: no query in the log',
    file: 'src/edge/request_log.rs',
    from: '            Plain(request.uri().path().as_bytes()),',
    to: '            request.uri(),',
    tests: ['nothing_secret_is_logged_or_put_into_an_address'],
  },
  {
    defence: 'Secrets: no address of DingTalk in an error',
    file: TRANSPORT,
    from: '    let error = error.without_url();\n',
    to: '',
    tests: ['a_call_that_fails_leaves_no_token_in_the_log'],
  },
  {
    defence: 'Secrets: masked in answers',
    file: 'src/domain/identity_provider/secrets.rs',
    from: '                *value = Value::from(MASK);',
    to: '                log::trace!("{value}");',
    tests: ['no_action_tells_a_secret', 'a_secret_is_never_shown_and_its_mask_keeps_it'],
  },
  {
    defence: 'Secrets: in Debug',
    file: 'src/config/secret.rs',
    from: '        f.write_str("[secret]")',
    to: '        f.write_str(self.expose())',
    tests: ['a_secret_is_not_printed', 'debugging_prints_no_secret'],
  },
  {
    defence: 'Secrets: no token in an address',
    file: PAGE,
    from: '         location.replace(session.target);\\n\\',
    to: '         location.replace(session.target + \'?token=\' + session.token);\\n\\',
    tests: ['the_session_is_handed_over_in_a_page_that_nobody_keeps'],
  },
  {
    defence: 'Secrets: the page with the session is not kept',
    file: PAGE,
    from: '(CACHE_CONTROL, "no-store")',
    to: '(CACHE_CONTROL, "private")',
    tests: ['the_session_is_handed_over_in_a_page_that_nobody_keeps'],
  },
  {
    defence: 'Secrets: to a host by plain HTTP',
    file: 'src/config/dingtalk.rs',
    from: '"http" if is_loopback(&url) => {}',
    to: '"http" => {}',
    tests: ['plain_http_is_only_for_this_machine'],
  },
  {
    defence: 'Requests of ours: to where a redirect leads',
    file: TRANSPORT,
    from: '.redirect(Policy::none())',
    to: '.redirect(Policy::limited(5))',
    tests: ['whatever_dingtalk_answers_a_person_sees_the_sign_in_page_and_nobody_is_created'],
  },
  {
    defence: 'Requests of ours: an answer without end',
    file: TRANSPORT,
    from: '        if body.len() + chunk.len() > LARGEST_ANSWER {',
    to: '        if body.len() + chunk.len() > usize::MAX - LARGEST_ANSWER {',
    tests: ['whatever_dingtalk_answers_a_person_sees_the_sign_in_page_and_nobody_is_created'],
  },
  {
    defence: 'Requests of ours: a slow DingTalk',
    file: TRANSPORT,
    from: 'const CALL_TIMEOUT: Duration = Duration::from_secs(8);',
    to: 'const CALL_TIMEOUT: Duration = Duration::from_secs(800);',
    tests: ['a_slow_dingtalk_is_waited_for_within_bounds'],
  },
  {
    defence: 'Requests of ours: a DingTalk that is away',
    file: 'src/provider/dingtalk/breaker.rs',
    from: 'const FAILURES: u32 = 5;',
    to: 'const FAILURES: u32 = 5_000_000;',
    tests: ['a_dingtalk_that_is_away_holds_nobody_up'],
  },

  // Pages
  {
    defence: 'Pages: in a frame of another site',
    file: 'src/standalone/web/serve.rs',
    from: "; frame-ancestors 'self'\"",
    to: '"',
    tests: ['our_pages_stay_out_of_other_sites_frames'],
  },
  {
    defence: 'Pages: the one with the session in a frame',
    file: PAGE,
    from: "         frame-ancestors 'self'\"",
    to: '         "',
    tests: ['our_pages_stay_out_of_other_sites_frames'],
  },
  {
    defence: 'Pages: a name that ends the script',
    file: PAGE,
    from: "text.replace('<', \"\\\\u003c\")",
    to: "text.replace('<', \"<\")",
    tests: ['a_name_cannot_end_the_script'],
  },

  // Who somebody is
  {
    defence: 'Person: not of the organization that was asked for',
    file: PROVIDER,
    from: '            && user_token.corp_id.as_deref() != Some(corp_id)\n',
    to: '            && user_token.corp_id.as_deref() == Some(corp_id)\n            && corp_id.is_empty()\n',
    tests: ['with_a_corp_id_the_person_must_have_chosen_that_organization'],
  },
  {
    defence: 'Person: an external contact',
    file: PROVIDER,
    from: '            _ => return Err(NotIdentified::NotMember("an external contact")),',
    to: '            _ => {}',
    tests: ['nobody_from_outside_gets_in_even_where_everybody_is_signed_up'],
  },
  {
    defence: 'Person: of whom nothing says what they are',
    file: 'src/provider/dingtalk/wire/mod.rs',
    from: 'fn external() -> i64 {\n    1\n}',
    to: 'fn external() -> i64 {\n    0\n}',
    tests: ['strings_and_numbers_are_both_read'],
  },
  {
    defence: 'Person: data of another one',
    file: PROVIDER,
    from: `        if employee.userid.as_deref() != Some(ids.user_id.as_str())
            || employee`,
    to: `        if false
            && employee`,
    tests: ['the_data_of_another_person_lets_nobody_in'],
  },
  {
    defence: 'Person: whom DingTalk’s client and the organization do not call the same',
    file: PROVIDER,
    from: 'if named.user_id.is_some_and(|named| named != user_id) {',
    to: 'if false {',
    tests: ['the_organization_is_asked_as_after_the_login_page'],
  },
  {
    defence: 'Person: whose userid was another’s before',
    file: 'src/domain/binding/person.rs',
    from: '    stable_id.is_some_and(|stable_id| stable_id.contradicts(binding.meta.as_ref()))\n',
    to: '    stable_id.is_some_and(|stable_id| stable_id.value.is_empty() && binding.uuid.is_empty())\n',
    tests: ['a_userid_that_was_given_to_another_person_is_noticed'],
  },
  {
    defence: 'Account: several with one phone number',
    file: SIGN_IN,
    from: '        several => return Err(SignInError::Ambiguous(several.to_vec())),',
    to: '        [id, ..] => *id,',
    tests: ['a_phone_number_of_several_accounts_links_none'],
  },
  {
    defence: 'Account: of root',
    file: SIGN_IN,
    from: '        return Err(SignInError::RootNotLinked(id));',
    to: '        log::trace!("root");',
    tests: ['administrators_are_linked_only_where_the_options_say_so'],
  },
  {
    defence: 'Account: of an administrator',
    file: SIGN_IN,
    from: '    if !rules.link_administrators && held',
    to: '    if false && held',
    tests: ['administrators_are_linked_only_where_the_options_say_so'],
  },
  {
    defence: 'Account: an administrator’s binding is removed by who may change roles',
    file: 'src/domain/binding/by_hand/mod.rs',
    from: '    if !by.may_give_power && held',
    to: '    if false && held',
    tests: [
      'accounts_of_root_and_of_administrators_are_protected',
      'of_several_bindings_all_are_removed_or_none_and_those_that_were_there_are_told',
      'administrators_remove_bindings_but_not_those_of_root',
    ],
  },
  {
    defence: 'Account: bound to somebody else of whom nothing but a subject is known',
    file: 'src/domain/binding/attach.rs',
    from: '    if of_account.as_ref().is_some_and(|row| !is_of(row, identity)) {',
    to: '    if of_account.as_ref().is_some_and(|row| !is_of(row, identity) && account < 0) {',
    tests: ['an_account_is_bound_by_the_same_rules_with_and_without_a_nocobase'],
  },
  {
    defence: 'Account: bound to another person',
    file: SIGN_IN,
    from: '        return Err(SignInError::BoundToAnother(id));',
    to: '        log::trace!("bound");',
    tests: ['an_account_of_one_person_is_not_linked_to_another'],
  },
  {
    defence: 'Account: a mailbox of another domain',
    file: 'src/domain/sign_in_rules.rs',
    from: 'domain.eq_ignore_ascii_case(allowed))',
    to: 'domain.ends_with(allowed.as_str()))',
    tests: ['a_mailbox_is_of_a_domain_only_when_they_are_equal'],
  },
  {
    defence: 'Account: a masked phone number',
    file: 'src/phone/number_text.rs',
    from: '                _ => return None,\n',
    to: '                _ => {}\n',
    tests: ['missing_masked_and_foreign_phone_numbers_link_nobody_by_chance'],
  },
  {
    defence: 'Account: a phone number of another country',
    file: 'src/phone/mod.rs',
    from: 'country.filter(|country| !country.trim().is_empty()) else {',
    to: 'country.filter(|country| country.len() > 99) else {',
    tests: ['missing_masked_and_foreign_phone_numbers_link_nobody_by_chance'],
  },
  {
    defence: 'Account: a phone number that can be read in two ways',
    file: 'src/phone/plan.rs',
    from: '[one] => Some((*one).clone()),',
    to: '[one, ..] => Some((*one).clone()),',
    tests: ['every_spelling_has_its_meaning'],
  },
  {
    defence: 'Account: a phone number of a country that the code beside it does not name',
    file: 'src/phone/mod.rs',
    from: '.filter(|_| agree)',
    to: '.filter(|_| agree || true)',
    tests: ['every_spelling_has_its_meaning', 'country_code_and_number_are_joined_when_they_agree'],
  },
  {
    defence: 'Account: a new one with roles, by whoever may not change roles',
    file: 'src/domain/account/roles.rs',
    from: '    if by.may_give_power || names.is_empty() {',
    to: '    if by.id > 0 || by.may_give_power || names.is_empty() {',
    tests: ['who_may_not_change_roles_gives_and_takes_no_power'],
  },
  {
    defence: 'Account: other roles, by whoever may change accounts and not roles',
    file: 'src/domain/account/roles.rs',
    from: '    if by.may_give_power || (is_kept',
    to: '    if by.id > 0 || by.may_give_power || (is_kept',
    tests: ['who_may_not_change_roles_gives_and_takes_no_power'],
  },
  {
    defence: 'Account: the password of an administrator, by whoever may not change roles',
    file: 'src/domain/account/mod.rs',
    from: '    if administers && !by.may_change_administrator(id) {',
    to: '    if administers && id < 0 && !by.may_change_administrator(id) {',
    tests: ['who_may_not_change_roles_gives_and_takes_no_power'],
  },
  {
    defence: 'Account: of an administrator, by a program with a key of a weaker role',
    file: 'src/domain/account/mod.rs',
    from: '(id == self.id && !self.by_key)',
    to: '(id == self.id && (id > 0 || !self.by_key))',
    tests: ['a_key_of_one_role_changes_no_account_of_its_owner_who_has_others'],
  },
  {
    defence: 'Account: more power, by uniting roles',
    file: 'src/standalone/routes.rs',
    from: '    t.add_change("roles", "setSystemRoleMode", give_power, set_mode);',
    to: '    t.add_change("roles", "setSystemRoleMode", Snippet("pm.acl.roles"), set_mode);',
    tests: ['who_may_only_look_at_roles_unites_none'],
  },
  {
    defence: 'Account: bound ones are shown to who may see accounts',
    file: 'src/standalone/routes.rs',
    from: '    let look = Administer("view", "pm.auth.authenticators");',
    to: '    let look = edit;',
    tests: ['who_is_bound_is_shown_to_who_may_see_accounts'],
  },
  {
    defence: 'Account: a bound one, by a variable that leads to another organization',
    file: 'src/domain/authenticator/check.rs',
    from: '        if !names.iter().any(|name| used.contains(name)) {',
    to: '        if author.id > 0 || !names.iter().any(|name| used.contains(name)) {',
    tests: ['who_cannot_give_roles_leads_no_bound_account_to_other_people_by_a_variable'],
  },
  {
    defence: 'Account: root by signing up',
    file: SIGN_IN,
    from: '        .filter(|name| *name != role::ROOT)\n',
    to: '',
    tests: ['new_accounts_get_the_roles_and_fields_that_are_chosen'],
  },
  {
    defence: 'Account: one without a role, which is how somebody is shut out',
    file: 'src/domain/sign_in/roles.rs',
    from: '    if role::of_account(store, user_id).await?.is_empty() {',
    to: '    if role::of_account(store, user_id).await?.is_empty() && user_id < 0 {',
    tests: ['who_has_no_role_gets_no_session'],
  },
  {
    defence: 'Account: one without a role is not linked',
    file: SIGN_IN,
    from: '    if store.roles_of(id).await?.is_empty() {',
    to: '    if store.roles_of(id).await?.is_empty() && id < 0 {',
    tests: ['an_account_without_a_role_is_not_linked_and_none_is_made'],
  },
  {
    defence: 'Sign-out: of whoever lost all roles',
    file: 'src/edge/access.rs',
    from: 'matches!(self, Self::Public | Self::WithoutRole | Self::SigningOut)',
    to: 'matches!(self, Self::Public)',
    tests: ['sessions_end_without_a_role'],
  },
  {
    defence: 'Codes: what DingTalk never judged shuts nobody out',
    file: 'src/api/provider_actions/account.rs',
    from: 'matches!(&identity, Err(error) if error.is_the_visitors())',
    to: 'identity.is_err()',
    tests: ['what_dingtalk_never_judged_is_nobodys_guess'],
  },
  {
    defence: 'Log: pages fill it with what failed inside DingTalk',
    file: 'src/api/dingtalk/in_app_failed.rs',
    from: '    app.guess_limits.begin_report(call.client_address())?;',
    to: '',
    tests: ['nobody_writes_words_of_their_own_into_the_log'],
  },
  {
    defence: 'State: used up by who only looks',
    file: 'src/edge/dispatch.rs',
    from: '    if route.changes && prefetch::is_prefetch(&head.request) {',
    to: '    if route.changes && false {',
    tests: ['who_only_looks_at_a_return_uses_nothing_up', 'no_address_of_ours_changes_anything_for_who_only_looks'],
  },
];
