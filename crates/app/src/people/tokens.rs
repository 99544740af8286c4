//! Tokens for programs: a secret with scopes and an end, that may nothing its person may not.

use model::Timestamp;
use workflow::people::{AccountName, Permission, Person};

use super::kept::Token;
use super::{PeopleError, Secret, Team};

/// What stands before the secret of a token, so that people and scanners know one when they see it.
pub const PREFIX: &str = "assay_";
/// Most days a token is good for.
pub const DAYS: u32 = 366;
/// Tokens of one account at once.
const AT_ONCE: usize = 50;
/// How often it is written down that a token is used.
const NOTED: i64 = 60 * 1_000;

/// A token that a program shows, and who it stands for.
#[derive(Debug, Clone)]
pub struct Programme {
    /// The person, with their roles as they are now.
    pub person: Person,
    /// What the token may.
    pub scopes: Vec<Permission>,
    /// Its name in lists: not the secret.
    pub id: String,
}

impl Programme {
    /// Whether the program may do something: its token has the scope, and its person the permission.
    pub fn may(&self, permission: Permission, product: Option<&str>) -> bool {
        self.scopes.contains(&permission) && self.person.may(permission, product)
    }
}

impl Team {
    /// Makes a token and returns its text, which is shown once.
    ///
    /// # Errors
    /// [`PeopleError::Token`] when name, scopes or days are missing or too many.
    pub fn make_token(
        &self,
        account: &AccountName,
        name: &str,
        scopes: &[Permission],
        days: u32,
        at: Timestamp,
    ) -> Result<String, PeopleError> {
        let name = wire::text::visible_str(name.trim(), 80);
        if name.is_empty() {
            return Err(PeopleError::Token("say what it is for"));
        }
        if scopes.is_empty() {
            return Err(PeopleError::Token("choose what it may"));
        }
        // A token that could make others, or change the password, would outlive its own end.
        if scopes.contains(&Permission::OwnAccount) {
            return Err(PeopleError::Token("the account itself is changed in the browser, never by a program"));
        }
        if !(1..=DAYS).contains(&days) {
            return Err(PeopleError::Token("it ends after 1 to 366 days"));
        }
        if self.tokens(account)?.len() >= AT_ONCE {
            return Err(PeopleError::Token("there are 50 already; end one first"));
        }
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let ends = Timestamp::from_millis(at.millis() + i64::from(days) * 24 * 60 * 60 * 1_000);
        let token = Token { account: account.clone(), name, scopes, made: at, ends, used: None };
        let secret = Secret::new().ok_or(PeopleError::Random)?;
        self.kept.put(&secret.digest(), &token, None)?;
        Ok(format!("{PREFIX}{}", secret.text()))
    }

    /// Who a token stands for; none when it is over, was ended, or never was.
    ///
    /// # Errors
    /// [`PeopleError`] when what is kept cannot be read.
    pub fn token(&self, text: &str, at: Timestamp) -> Result<Option<Programme>, PeopleError> {
        let Some(secret) = text.strip_prefix(PREFIX).and_then(Secret::shown) else { return Ok(None) };
        let Some(kept) = self.kept.get::<Token>(&secret.digest())? else { return Ok(None) };
        if kept.body.ends <= at {
            return Ok(None);
        }
        let Some(person) = self.people()?.get(&kept.body.account).filter(|p| p.is_active()).cloned() else {
            return Ok(None);
        };
        let noted = kept.body.used.is_some_and(|used| at.millis() - used.millis() < NOTED);
        if !noted {
            let used = Token { used: Some(at), ..kept.body.clone() };
            self.kept.touch(&kept, &used)?;
        }
        Ok(Some(Programme { person, scopes: kept.body.scopes, id: kept.key }))
    }

    /// The tokens of an account with their names in lists, the newest first; those that are over too.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn tokens(&self, account: &AccountName) -> Result<Vec<(String, Token)>, PeopleError> {
        let all = self.kept.list::<Token>()?.into_iter();
        let mut own: Vec<(String, Token)> =
            all.filter(|t| t.body.account == *account).map(|t| (t.key, t.body)).collect();
        own.sort_by_key(|(_, token)| std::cmp::Reverse(token.made));
        Ok(own)
    }

    /// Ends a token of an account by its name in lists; nobody else's.
    ///
    /// # Errors
    /// [`PeopleError`].
    pub fn end_token(&self, account: &AccountName, id: &str) -> Result<bool, PeopleError> {
        match self.kept.get::<Token>(id)? {
            Some(found) if found.body.account == *account => self.kept.delete::<Token>(id).map(|()| true),
            _ => Ok(false),
        }
    }
}
