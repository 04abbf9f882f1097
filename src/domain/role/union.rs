//! Combining the settings areas of several roles into one list.

/// One list for all of these roles: all grants, then those denials that take nothing away from any
/// of the roles. NocoBase 2.2.15 combines roles with the same effect.
pub fn snippets<'a>(roles: &[Vec<&'a str>]) -> Vec<&'a str> {
    let all = || roles.iter().flatten().copied();
    let stays = |denial: &str| roles.iter().all(|role| leaves_alone(role, denial));
    let grants = all().filter(|rule| !rule.starts_with('!'));
    let denials = all().filter(|rule| rule.starts_with('!') && stays(rule));
    let mut list = Vec::new();
    for rule in grants.chain(denials) {
        if !list.contains(&rule) {
            list.push(rule);
        }
    }
    list
}

/// Whether a denial takes nothing away from this role: the role has the denial itself, or grants
/// nothing there.
fn leaves_alone(role: &[&str], denial: &str) -> bool {
    let denied = denial.strip_prefix('!').unwrap_or(denial);
    let mut grants = role.iter().filter(|rule| !rule.starts_with('!'));
    role.contains(&denial) || !grants.any(|grant| overlap(grant, denied))
}

/// Whether two patterns, which may end with `*`, match a common text.
fn overlap(one: &str, other: &str) -> bool {
    match (one.strip_suffix('*'), other.strip_suffix('*')) {
        (Some(one), Some(other)) => one.starts_with(other) || other.starts_with(one),
        (Some(start), None) => other.starts_with(start),
        (None, Some(start)) => one.starts_with(start),
        (None, None) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::snippets_allow;
    use super::*;
    use serde_json::json;

    #[test]
    fn grants_of_one_role_outlive_denials_of_another() {
        let member = vec!["!pm", "!pm.*", "!ui.*"];
        let admin = vec!["pm", "pm.*", "ui.*"];
        assert_eq!(snippets(&[admin.clone(), member.clone()]), admin);
        assert_eq!(snippets(&[member.clone(), admin.clone()]), admin);
        assert_eq!(snippets(&[member.clone(), member.clone()]), member);
        // What every role denies stays denied.
        let some = vec!["!ui.*", "!pm", "pm.*", "!pm.logger"];
        assert_eq!(
            snippets(&[some.clone(), member.clone()]),
            ["pm.*", "!ui.*", "!pm", "!pm.logger"]
        );
        let other = vec!["!ui.*", "!pm", "pm.*", "!pm.users"];
        assert_eq!(snippets(&[some, other]), ["pm.*", "!ui.*", "!pm"]);
        assert_eq!(snippets(&[vec!["pm.users"], vec!["!pm.*"]]), ["pm.users"]);
        assert_eq!(snippets(&[]), [""; 0]);
    }

    #[test]
    fn patterns_overlap_when_one_begins_as_the_other() {
        for (one, other, meet) in [
            ("pm.*", "pm.acl.*", true),
            ("pm.acl.*", "pm.*", true),
            ("pm.*", "ui.*", false),
            ("pm.*", "pm.users", true),
            ("pm.users", "pm.*", true),
            ("pm.users", "ui.*", false),
            ("pm", "pm", true),
            ("pm", "pm.users", false),
        ] {
            assert_eq!(overlap(one, other), meet, "{one} and {other}");
        }
    }

    #[test]
    fn a_united_list_denies_nothing_that_a_role_may() {
        let rules = [
            "pm",
            "!pm",
            "pm.*",
            "!pm.*",
            "pm.users",
            "!pm.users",
            "ui.*",
            "!app",
        ];
        let list = |bits: usize| -> Vec<&str> {
            let chosen = rules
                .iter()
                .enumerate()
                .filter(|(at, _)| bits >> at & 1 == 1);
            chosen.map(|(_, rule)| *rule).collect()
        };
        for (one, other) in (0..256).flat_map(|one| (0..256).map(move |other| (one, other))) {
            let (one, other) = (list(one), list(other));
            let united = json!(snippets(&[one.clone(), other.clone()]));
            for area in ["pm", "pm.users", "pm.acl.roles", "ui.x", "app"] {
                let of_one =
                    snippets_allow(&json!(one), area) || snippets_allow(&json!(other), area);
                if of_one {
                    assert!(
                        snippets_allow(&united, area),
                        "{area}: {one:?} and {other:?}"
                    );
                }
            }
        }
    }
}
