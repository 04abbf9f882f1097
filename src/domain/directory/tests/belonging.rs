//! Departments that were not read: whether a run would read them.

use std::collections::HashSet;

use super::company::Company;
use crate::domain::directory::Key;
use crate::domain::directory::belonging::may_belong_here;

fn company() -> Company {
    let company = Company::default();
    company.department("1", None);
    company.department("2", Some("1"));
    company.department("3", Some("2"));
    company.department("8", None);
    // Each of these two is below the other.
    company.department("6", Some("7"));
    company.department("7", Some("6"));
    company
}

#[tokio::test]
async fn a_department_is_read_below_a_known_one_and_below_where_reading_begins() {
    let company = company();
    let cases: [(&[&str], &str, &[&str], bool); 8] = [
        // All that the application may see: what is below «1» and «8».
        (&[], "3", &[], true),
        (&["2"], "3", &[], true),
        (&["8"], "8", &[], true),
        (&["8"], "3", &["2"], true),
        (&["8"], "3", &[], false),
        (&["3"], "2", &[], false),
        (&["8"], "404", &[], false),
        (&["8"], "6", &[], false),
    ];
    for (chosen, key, known, expected) in cases {
        let chosen: Vec<String> = chosen.iter().map(|&key| key.to_owned()).collect();
        let known: HashSet<Key> = known.iter().map(|&key| Key::from(key)).collect();
        let key = Key::from(key);
        let found = may_belong_here(&company, &chosen, &key, &known);
        let found = found.await.unwrap();
        assert_eq!(found, expected, "{key} below {chosen:?} or {known:?}");
    }
}
