//! What later exchanges build on, done in another way while we have no action for it.
//!
//! Only called after the server answered that there is no such action.

use entity::{role_user, user};
use nocobase_dingtalk::domain::password;
use nocobase_dingtalk::store::NewUser;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::support::TestApp;

/// The password of the accounts that the recording creates.
const PASSWORD: &str = "Passw0rd!";

/// Leaves behind what the action of this exchange would have.
pub async fn perform(app: &TestApp, exchange: &str) {
    match exchange {
        "users-create-member" => create_user(app, 2, "t_member", Some("Member")).await,
        "users-create-admin" => {
            create_user(app, 3, "t_admin", Some("Admin")).await;
            remove_roles(app, 3).await;
            grant(app, 3, "admin").await;
        }
        "users-create-noroles" => create_user(app, 4, "t_noroles", None).await,
        "users-roles-remove" => remove_roles(app, 4).await,
        "users-create-roles" => create_user(app, 5, "t_roles", None).await,
        "users-update" => {
            app.write(user::ActiveModel {
                id: Set(2),
                nickname: Set(Some("MM".to_owned())),
                email: Set(Some("m@x.io".to_owned())),
                ..Default::default()
            })
            .await;
        }
        "users-update-roles" => grant(app, id_of(app, "t_roles").await, "admin").await,
        "users-roles-set" => {
            let connection = app.database.connect().await;
            let id = id_of(app, "t_roles").await;
            let admin = role_user::Entity::delete_by_id(("admin".to_owned(), id));
            admin.exec(&connection).await.unwrap();
            connection.into_inner().close().await.unwrap();
            app.store().forget();
        }
        "users-destroy" => {
            let connection = app.database.connect().await;
            for id in [2, 3, 4] {
                remove_roles(app, id).await;
                let gone = user::Entity::delete_by_id(id);
                gone.exec(&connection).await.unwrap();
            }
            connection.into_inner().close().await.unwrap();
            app.store().forget();
        }
        // Nothing builds on it.
        _ => {}
    }
}

async fn create_user(app: &TestApp, id: i64, username: &str, nickname: Option<&str>) {
    let user = NewUser {
        username: Some(username.to_owned()),
        nickname: nickname.map(str::to_owned),
        password: Some(password::hash(PASSWORD).await.unwrap()),
        ..NewUser::default()
    };
    let created = app.store().create_user(user).await.unwrap();
    assert_eq!(created.id, id, "the recording counts on this id");
    app.write(user::ActiveModel {
        id: Set(id),
        created_by_id: Set(Some(1)),
        updated_by_id: Set(Some(1)),
        ..Default::default()
    })
    .await;
}

async fn id_of(app: &TestApp, username: &str) -> i64 {
    let user = app.store().user_by_account(username).await.unwrap();
    user.expect("an earlier exchange creates it").id
}

async fn grant(app: &TestApp, user_id: i64, role: &str) {
    app.store().grant_role(user_id, role, None).await.unwrap();
}

async fn remove_roles(app: &TestApp, user_id: i64) {
    let connection = app.database.connect().await;
    role_user::Entity::delete_many()
        .filter(role_user::Column::UserId.eq(user_id))
        .exec(&connection)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
    app.store().forget();
}
