//! A deployment in a temporary directory, and a client of its router.

use axum::Router;
use axum::body::Body;
use domain::id::{ManagementKeyId, UserId};
use domain::key::{KeyHasher, Kind, generate, mask};
use domain::scope::Scope;
use domain::secret::Secret;
use domain::time::UnixMillis;
use domain::user::{Credit, Role, Tier};
use gateway::seal::Sealer;
use gateway::{Gateway, GatewayOptions};
use http::{HeaderMap, Method, Request, StatusCode};
use ledger::{Ledger, Options, lock_directory};
use serde_json::{Value, json};
use std::io::{Seek, Write};
use std::sync::Arc;
use store::Database;
use store::management_key::ManagementKey;
use store::user::NewUser;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{Backups, DeploymentInfo, Making, ManagementState};

/// Makes files that hold the passphrase: nothing here has books worth a copy.
struct SmallBackups;

impl Backups for SmallBackups {
    fn make(&self, passphrase: Secret, _: UnixMillis) -> Making<'_> {
        Box::pin(async move {
            let mut file = tempfile::tempfile()?;
            file.write_all(passphrase.expose().as_bytes())?;
            file.rewind()?;
            Ok(file)
        })
    }
}

pub(super) struct Deployment {
    pub(super) gateway: Arc<Gateway>,
    pub(super) owner: UserId,
    pub(super) management_key: String,
    router: Router,
    _directory: TempDir,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, self.text))
    }

    /// The body of an answer with this status.
    pub(super) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    pub(super) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The fields that are wrong.
    pub(super) fn fields(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

impl Deployment {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_embedded(directory.path()).await.unwrap();
        Self::on(database, directory).await
    }

    /// The same on a database that may be elsewhere.
    pub(super) async fn on(database: Database, directory: TempDir) -> Self {
        let lock = lock_directory(directory.path()).unwrap();
        let options = Options::new(directory.path().to_owned());
        let ledger = Ledger::open(database.clone(), options, lock).await.unwrap();
        let (hasher, sealer) = (KeyHasher::new(&[1; 32]), Sealer::new(&[2; 32]));
        let gateway = Gateway::open(database, ledger, hasher, sealer, GatewayOptions::default())
            .await
            .unwrap();
        let owner = UserId::new(gateway.ledger.now(), [1; 10]);
        let mut transaction = gateway.database.begin().await.unwrap();
        transaction.ensure_default_group(gateway.ledger.now()).await.unwrap();
        transaction.insert_user(&user(owner, Role::Owner, gateway.ledger.now())).await.unwrap();
        transaction.commit().await.unwrap();
        let info = DeploymentInfo {
            version: "0".to_owned(),
            reveal: crate::Reveal::Sealed,
            ..DeploymentInfo::default()
        };
        let tls = gateway::upstream::tls(std::iter::empty().collect());
        let alerts = alerts::Alerts::new(Arc::clone(&gateway), Arc::clone(&tls), None);
        let worker = gateway::Worker::new(Arc::clone(&gateway), tls);
        let router = crate::router(ManagementState {
            worker,
            alerts,
            backups: Arc::new(SmallBackups),
            deployment: info,
        });
        let management_key = String::new();
        let mut deployment = Self { gateway, owner, management_key, router, _directory: directory };
        deployment.management_key = deployment.management_key(owner, Scope::ALL).await;
        deployment
    }

    /// A management key of a user.
    pub(super) async fn management_key(&self, owner: UserId, scopes: &[Scope]) -> String {
        let value = generate(Kind::Management, &rand::random::<[u8; 96]>()).unwrap();
        let now = self.gateway.ledger.now();
        let key = ManagementKey {
            id: ManagementKeyId::new(now, rand::random()),
            owner,
            name: "test".to_owned(),
            digest: self.gateway.hasher.digest(value.expose()),
            masked: mask(value.expose()),
            scopes: scopes.to_vec(),
            expires_at: None,
            revoked_at: None,
            created_at: now,
        };
        let mut transaction = self.gateway.database.begin().await.unwrap();
        transaction.insert_management_key(&key).await.unwrap();
        transaction.commit().await.unwrap();
        value.expose().to_owned()
    }

    /// A member with this balance; their id.
    pub(super) async fn member(&self, balance: &str) -> String {
        let name = format!("member-{}", rand::random::<u32>());
        let made = self.post("/api/v1/users", json!({"name": name})).await.is(201);
        let id = made["id"].as_str().unwrap().to_owned();
        self.post(&format!("/api/v1/users/{id}/topups"), json!({"amount": balance})).await.is(201);
        id
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "").await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &body.to_string()).await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, &body.to_string()).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, &body.to_string()).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, "").await
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: &str) -> Answer {
        self.send_as(&self.management_key, method, path, body, &[]).await
    }

    pub(super) async fn send_as(
        &self,
        credential: &str,
        method: Method,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.send_bytes(credential, method, path, body.as_bytes(), headers).await
    }

    /// The same with a body that may be no text.
    pub(super) async fn send_bytes(
        &self,
        credential: &str,
        method: Method,
        path: &str,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !credential.is_empty() {
            request = request.header("authorization", format!("Bearer {credential}"));
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_vec())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

fn user(id: UserId, role: Role, now: UnixMillis) -> NewUser {
    NewUser {
        id,
        name: "Owner".to_owned(),
        email: None,
        role,
        tier: Tier::Enterprise,
        groups: vec!["default".to_owned()],
        credit: Credit::Unlimited,
        password_hash: None,
        created_at: now,
    }
}
