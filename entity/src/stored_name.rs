//! Enumerations that are stored by the names of their variants.

/// Declares an enumeration whose variants are stored, and sent to clients, as their names in camel case.
macro_rules! stored_by_name {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, sea_orm::EnumIter, sea_orm::DeriveActiveEnum,
        )]
        #[sea_orm(
            rs_type = "String",
            db_type = "String(StringLen::None)",
            rename_all = "camelCase"
        )]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The name under which it is stored and sent to clients.
            pub fn name(self) -> String {
                sea_orm::ActiveEnum::to_value(&self)
            }
        }
    };
}

pub(crate) use stored_by_name;
