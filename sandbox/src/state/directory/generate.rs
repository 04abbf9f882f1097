//! Generates a company of any size from a seed.

use serde::Deserialize;

use super::{Department, Directory, ROOT};
use crate::state::{
    chance::Chance,
    person::{Membership, Person, Personal, Standing},
};

/// The first id of generated departments.
const FIRST_DEPARTMENT: i64 = 551_800_001;
/// The number of levels of departments below the root.
const DEEPEST: usize = 6;

const SURNAMES: [&str; 16] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
    "欧阳",
];
const GIVEN_NAMES: [&str; 24] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀英", "霞", "平", "刚", "桂英", "思远", "雨桐",
];
const TITLES: [&str; 8] = [
    "工程师",
    "高级工程师",
    "产品经理",
    "客户经理",
    "会计",
    "专员",
    "主管",
    "Engineer",
];
const TEAMS: [&str; 8] = [
    "研发部",
    "销售部",
    "市场部",
    "财务部",
    "人事部",
    "客服部",
    "采购部",
    "Operations",
];

/// The size of a company, and its seed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// The number of employees, who are called `p1`, `p2` and so on.
    pub people: usize,
    /// The number of departments below the root.
    pub departments: usize,
    /// The seed. The same seed leads to the same company.
    #[serde(default)]
    pub seed: u64,
}

impl Directory {
    /// Replaces all departments and people of an organization with a generated company. Some people
    /// have no phone number, some have a hidden one, and some are in two departments. The first
    /// person of each department leads it.
    pub fn generate(&mut self, corp_id: &str, company: Company) {
        let mut chance = Chance::of_seed(company.seed);
        self.people.keep(|person| person.corp_id != corp_id);
        self.leaves.retain(|leave| leave.corp_id != corp_id);
        let name = self.organization_name(corp_id).to_owned();
        self.organizations.remove(corp_id);
        self.found(corp_id, &name);
        let departments = self.generate_departments(corp_id, company.departments, &mut chance);
        for number in 1..=company.people {
            let place = if number <= departments.len() {
                number - 1
            } else {
                chance.below(departments.len())
            };
            let main = departments.get(place).copied().unwrap_or(ROOT);
            let mut memberships = vec![membership(main, number <= departments.len(), &mut chance)];
            let other = departments.get(chance.below(departments.len())).copied();
            if let Some(other) = other.filter(|other| *other != main && chance.happens(3)) {
                memberships.push(membership(other, false, &mut chance));
            }
            self.people
                .add(employee(number, corp_id, memberships, &mut chance));
        }
    }

    fn generate_departments(
        &mut self,
        corp_id: &str,
        count: usize,
        chance: &mut Chance,
    ) -> Vec<i64> {
        let Some(organization) = self.organizations.get_mut(corp_id) else {
            return Vec::new();
        };
        let tree = &mut organization.departments;
        // The departments that may get others below them, with their levels.
        let mut places = vec![(ROOT, 0)];
        let mut ids = Vec::with_capacity(count);
        for (number, id) in (1..=count).zip(FIRST_DEPARTMENT..) {
            let (parent, level) = places
                .get(chance.below(places.len()))
                .copied()
                .unwrap_or((ROOT, 0));
            let team = TEAMS.get(chance.below(TEAMS.len())).unwrap_or(&"");
            tree.put(Department {
                id,
                name: format!("{team}{number}"),
                parent_id: Some(parent),
                order: i64::try_from(number).unwrap_or_default(),
            });
            if level + 1 < DEEPEST {
                places.push((id, level + 1));
            }
            ids.push(id);
        }
        ids
    }
}

fn membership(id: i64, leader: bool, chance: &mut Chance) -> Membership {
    // Like DingTalk's values, these are larger than a JavaScript number can hold.
    let place = i64::try_from(chance.below(1 << 30)).unwrap_or_default();
    Membership {
        id,
        order: 176_188_000_000_000_000 + place * 512 + 8,
        leader,
    }
}

fn employee(
    number: usize,
    corp_id: &str,
    departments: Vec<Membership>,
    chance: &mut Chance,
) -> Person {
    let mut pick = |texts: &[&str]| {
        let text = texts.get(chance.below(texts.len()));
        text.copied().unwrap_or_default().to_owned()
    };
    let name = pick(&SURNAMES) + &pick(&GIVEN_NAMES) + &pick(&["", "", "明", "文"]);
    let title = pick(&TITLES);
    let own_mobile = (!chance.happens(1)).then(|| format!("186{number:08}"));
    let hidden = chance.happens(2);
    let mobile = match &own_mobile {
        Some(_) if hidden => Some(format!("186****{:04}", number % 10_000)),
        own => own.clone(),
    };
    let unionid = format!(
        "{:08x}{number:07x}iEiE",
        chance.below(usize::try_from(u32::MAX).unwrap_or_default())
    );
    // The three forms of userids that organizations with a long history have.
    let userid = match chance.below(10) {
        0 => format!("manager{number}"),
        1 => format!("user-p{number}"),
        _ => format!("0{:010}{number:07}", 1_000_000_000 + chance.below(1 << 30)),
    };
    Person {
        id: format!("p{number}"),
        corp_id: corp_id.to_owned(),
        standing: Standing::Employee,
        userid,
        openid: format!("open-p{number}"),
        unionid,
        title: Some(title),
        job_number: chance.happens(70).then(|| format!("A{number:06}")),
        hide_mobile: hidden,
        active: !chance.happens(2),
        email: chance
            .happens(60)
            .then(|| format!("p{number}@sandbox.example")),
        hired_date: Some(1_597_573_616_828 + i64::try_from(number).unwrap_or_default() * 60_000),
        state_code: mobile.as_ref().map(|_| "86".to_owned()),
        personal: Personal {
            nick: name.clone(),
            mobile: own_mobile,
            state_code: mobile.as_ref().map(|_| "86".to_owned()),
            ..Personal::default()
        },
        mobile,
        departments,
        name,
        ..Person::default()
    }
}
