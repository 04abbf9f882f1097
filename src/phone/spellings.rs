//! Spellings of phone numbers, and the numbers that they mean.

use proptest::prelude::*;
use proptest::sample::select;

use super::Phone;

/// Texts in accounts and the number that each means; none for those that cannot be interpreted with
/// certainty.
pub(crate) const ACCOUNTS: &[(&str, Option<&str>)] = &[
    // Chinese mobile numbers, with and without their country code.
    ("13900000004", Some("+8613900000004")),
    ("139 0000 0004", Some("+8613900000004")),
    ("139-0000-0004", Some("+8613900000004")),
    ("139.0000.0004", Some("+8613900000004")),
    ("(139) 0000/0004", Some("+8613900000004")),
    ("8613900000004", Some("+8613900000004")),
    ("86-13900000004", Some("+8613900000004")),
    ("+86 139 0000 0004", Some("+8613900000004")),
    ("+8613900000004", Some("+8613900000004")),
    ("(+86) 139 0000 0004", Some("+8613900000004")),
    ("0086 13900000004", Some("+8613900000004")),
    ("+86 86 13900000004", Some("+8613900000004")),
    ("+86 (0) 139 0000 0004", Some("+8613900000004")),
    // Invisible characters for direction, width and order, and all kinds of spaces.
    ("\u{202d}13900000004\u{202c}", Some("+8613900000004")),
    ("139\u{200b}00000004", Some("+8613900000004")),
    ("\u{2068}13900000004\u{2069}", Some("+8613900000004")),
    ("\u{feff}13900000004", Some("+8613900000004")),
    ("139\u{ad}0000\u{ad}0004", Some("+8613900000004")),
    ("139\u{a0}0000\u{2009}0004", Some("+8613900000004")),
    ("139\u{3000}0000\u{3000}0004", Some("+8613900000004")),
    ("\t13900000004\r\n", Some("+8613900000004")),
    // Dashes other than the hyphen, and full-width characters.
    ("139\u{2011}0000\u{2011}0004", Some("+8613900000004")),
    ("139\u{2013}0000\u{2014}0004", Some("+8613900000004")),
    ("139\u{2212}0000\u{ff0d}0004", Some("+8613900000004")),
    ("\u{ff0b}86 13900000004", Some("+8613900000004")),
    ("１３９００００００４", None),
    ("１３９０００００００４", Some("+8613900000004")),
    ("＋８６（１３９）００００ー０００４", None),
    ("＋８６（１３９）００００－０００４", Some("+8613900000004")),
    // Traces of spreadsheets.
    ("'13900000004", Some("+8613900000004")),
    ("\u{2019}13900000004", Some("+8613900000004")),
    ("'+8613900000004", Some("+8613900000004")),
    ("13900000004.0", Some("+8613900000004")),
    ("8613900000004.0", Some("+8613900000004")),
    ("1.3900000004E+10", None),
    // Other countries.
    ("+852 5123 4567", Some("+85251234567")),
    ("+85251234567", Some("+85251234567")),
    ("+852 852 5123 4567", Some("+85251234567")),
    ("00852-51234567", Some("+85251234567")),
    ("+65-9123-4567", Some("+6591234567")),
    ("+44 7911 123456", Some("+447911123456")),
    ("+44 (0)7911 123456", Some("+447911123456")),
    ("+39 06 1234 5678", Some("+390612345678")),
    ("+7 912 345-67-89", Some("+79123456789")),
    ("+1 (212) 555-0123", Some("+12125550123")),
    ("+1 1 212 555 0123", Some("+12125550123")),
    // Without a country, the number is ambiguous.
    ("91234567", None),
    ("852-51234567", None),
    ("07911123456", None),
    ("2125550123", None),
    ("013900000004", None),
    // These are not numbers.
    ("", None),
    (" ", None),
    ("+", None),
    ("\u{200b}", None),
    ("0", None),
    ("1234", None),
    ("+999 12345678", None),
    ("+0139000000", None),
    ("139****0004", None),
    ("13900000004 ext. 7", None),
    ("13900000004 转 8", None),
    ("13900000004/13900000005", None),
    ("86+13900000004", None),
    ("++8613900000004", None),
    ("+86 1234567890123456", None),
];

/// Country codes and numbers as DingTalk stores them, and the number that both together mean.
pub(crate) const CONTACTS: &[(&str, &str, Option<&str>)] = &[
    ("86", "13900000036", Some("+8613900000036")),
    ("+86", "13900000036", Some("+8613900000036")),
    ("0086", " 139 0000 0036", Some("+8613900000036")),
    ("", "13900000036", Some("+8613900000036")),
    (
        "\u{ff18}\u{ff16}",
        "\u{202d}13900000036\u{202c}",
        Some("+8613900000036"),
    ),
    // The country code is repeated.
    ("86", "8613900000036", Some("+8613900000036")),
    ("86", "86-13912345678", Some("+8613912345678")),
    ("86", "+86-13912345678", Some("+8613912345678")),
    ("86", "008613912345678", Some("+8613912345678")),
    ("86", "013912345678", Some("+8613912345678")),
    ("852", "852-51234567", Some("+85251234567")),
    ("852", "85251234567", Some("+85251234567")),
    ("852", "51234567", Some("+85251234567")),
    ("65", "+65-91234567", Some("+6591234567")),
    ("1", "12125550123", Some("+12125550123")),
    // The number has the digit that is dialled within the country.
    ("44", "07700900123", Some("+447700900123")),
    ("44", "7700900123", Some("+447700900123")),
    ("44", "4407911123456", Some("+447911123456")),
    ("7", "89123456789", Some("+79123456789")),
    ("39", "0612345678", Some("+390612345678")),
    ("81", "09012345678", Some("+819012345678")),
    // The numbers begin with the digits of their own country code.
    ("84", "841234567", Some("+84841234567")),
    ("91", "9112345678", Some("+919112345678")),
    ("65", "65123456", Some("+6565123456")),
    // The code includes an area.
    ("1787", "5550123", Some("+17875550123")),
    ("1", "2125550123", Some("+12125550123")),
    // The two parts contradict each other.
    ("86", "+65-91234567", None),
    ("1", "+8613900000036", None),
    ("1", "13900000036", None),
    ("1", "3800000000", None),
    ("86", "852-51234567", None),
    ("852", "13900000036", None),
    // These are not numbers.
    ("86", "155****3240", None),
    ("86", "", None),
    ("86", "1234567890123456", None),
    ("999", "12345678", None),
    ("x", "13900000036", None),
];

#[test]
fn every_spelling_has_its_meaning() {
    assert!(ACCOUNTS.len() >= 60);
    for (text, expected) in ACCOUNTS {
        let read = Phone::of_account(text);
        let read = read.as_ref().map(Phone::e164);
        assert_eq!(read, *expected, "{text:?}");
        // A number that is only found by its last digits must be found, too.
        if let Some(phone) = Phone::of_account(text) {
            assert!(phone.looks_like(text), "{text:?}");
        }
    }
    for (country, number, expected) in CONTACTS {
        let read = Phone::of_contact(Some(country), number);
        let read = read.as_ref().map(Phone::e164);
        assert_eq!(read, *expected, "{country:?} {number:?}");
    }
}

#[test]
fn what_is_shown_of_a_number_means_that_number() {
    let contacts = CONTACTS.iter();
    let contacts =
        contacts.filter_map(|(country, number, _)| Phone::of_contact(Some(country), number));
    let accounts = ACCOUNTS.iter();
    let accounts = accounts.filter_map(|(text, _)| Phone::of_account(text));
    for phone in contacts.chain(accounts) {
        for text in [phone.local(), phone.e164()] {
            assert_eq!(Phone::of_account(text), Some(phone.clone()), "{text}");
        }
        assert!(phone.looks_like(phone.local()));
    }
}

proptest! {
    #[test]
    fn whatever_is_read_is_read_again(country in select(&["86", "1", "44", "852", "84", "7"][..]), number in "[0-9]{4,14}") {
        if let Some(phone) = Phone::of_contact(Some(country), &number) {
            for text in [phone.local(), phone.e164()] {
                prop_assert_eq!(Phone::of_account(text), Some(phone.clone()));
            }
        }
    }
}

#[test]
fn usual_spellings_mean_their_number() {
    for text in [
        "13900000004",
        "+852 5123 4567",
        "+44 7911 123456",
        "+12125550123",
    ] {
        let phone = Phone::of_account(text).unwrap();
        let spellings = phone.usual_spellings();
        assert!(spellings.contains(&phone.local().to_owned()), "{text}");
        for spelling in spellings {
            // Without a country, some are ambiguous. None means another number.
            let read = Phone::of_account(&spelling);
            assert!(read.is_none_or(|read| read == phone), "{spelling}");
        }
    }
}

#[test]
fn the_local_form_has_no_chinese_country_code() {
    let local = |text: &str| Phone::of_account(text).unwrap().local().to_owned();
    assert_eq!(local("+86 13800000000"), "13800000000");
    assert_eq!(local("+6591234567"), "+6591234567");
}

#[test]
fn a_text_may_look_like_a_number_that_it_does_not_mean() {
    let phone = Phone::of_account("+852 5123 4567").unwrap();
    for text in [
        "852-51234567",
        "51234567",
        "+65 5123 4567",
        "'51234567.0",
        "ext 51234567",
    ] {
        assert!(phone.looks_like(text), "{text}");
    }
    for text in ["51234568", "5123456 7 8", ""] {
        assert!(!phone.looks_like(text), "{text}");
    }
}
