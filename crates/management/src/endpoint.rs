//! An endpoint: a route, its handler, and its description, made together so that they agree.
//!
//! What a handler takes is described by the types of its arguments: the guard (see `access.rs`)
//! writes the security and the scope, a body its schema, a query its parameters. The description is
//! only written when somebody asks for it: a start should not take memory for it.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::scope::Scope;
use http::Method;
use utoipa::openapi::content::Content;
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Ref, RefOr, Required, Response, ResponseBuilder, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::answer::List;
use crate::problem::ProblemBody;
use crate::state::App;

/// A route with its handler and its description.
pub(crate) struct Endpoint {
    /// The method.
    pub(crate) method: Method,
    /// The path, with its parameters in braces.
    pub(crate) path: &'static str,
    /// The handler.
    pub(crate) route: MethodRouter<App>,
    /// How the API's description of it is written.
    steps: Vec<Step>,
}

/// Writes a part of a description.
type Step = Box<dyn FnOnce(&mut Description)>;

/// Who may ask, as a guard says it of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Anybody.
    Open,
    /// Anybody, but no page of another site.
    Visitor,
    /// The holder of an API key; with a sentence about it.
    ApiKey(&'static str),
    /// A management key with a scope, or somebody who is logged in.
    Scoped {
        /// The scope.
        scope: Scope,
        /// Only owners and admins; else members reach what is theirs.
        operators: bool,
    },
    /// An owner's management key with a scope, or an owner who is logged in and has proved the
    /// password a short while ago.
    Owner {
        /// The scope.
        scope: Scope,
    },
    /// Somebody who is logged in.
    Person,
    /// Somebody who is logged in and has proved the password a short while ago.
    Proven,
}

impl Rule {
    fn security(&self) -> Vec<SecurityRequirement> {
        let nothing = Vec::<String>::new;
        match self {
            Self::Open | Self::Visitor => vec![SecurityRequirement::default()],
            Self::ApiKey(_) => vec![SecurityRequirement::new("api_key", nothing())],
            Self::Scoped { scope, .. } | Self::Owner { scope } => vec![
                SecurityRequirement::new("management_key", [scope.name()]),
                SecurityRequirement::new("session", nothing()),
            ],
            Self::Person | Self::Proven => vec![SecurityRequirement::new("session", nothing())],
        }
    }

    fn note(&self) -> Option<String> {
        let words = match self {
            Self::Open => return None,
            Self::Visitor => "Refused when a page of another site asks.".to_owned(),
            Self::ApiKey(words) => (*words).to_owned(),
            Self::Scoped { scope, operators } => {
                let reach = if *operators {
                    "For owners and admins."
                } else {
                    "Members reach only what is theirs."
                };
                format!(
                    "Needs a management key with the scope `{}`, or a session. {reach}",
                    scope.name()
                )
            }
            Self::Owner { scope } => format!("For owners: needs an owner's management key with the scope `{}`, or their session whose password was proved in the last ten minutes: see `POST /api/v1/sessions/current/proof`.", scope.name()),
            Self::Person => "Needs a session: a management key cannot do this.".to_owned(),
            Self::Proven => {
                "Needs a session whose password was proved in the last ten minutes: see `POST /api/v1/sessions/current/proof`.".to_owned()
            }
        };
        Some(words)
    }
}

/// What an endpoint takes first: who may ask.
pub(crate) trait Guard: Part {}

/// What an endpoint takes.
pub(crate) trait Part {
    /// Writes it into the endpoint's description.
    fn describe(description: &mut Description);
}

/// The arguments of a handler that starts with a guard.
pub(crate) trait Guarded {
    /// Writes all of them into the endpoint's description.
    fn describe(description: &mut Description);
}

macro_rules! guarded {
    ($($part:ident),*) => {
        impl<M, G: Guard, $($part: Part),*> Guarded for (M, G, $($part,)*) {
            fn describe(description: &mut Description) {
                G::describe(description);
                $($part::describe(description);)*
            }
        }
    };
}

guarded!();
guarded!(A);
guarded!(A, B);
guarded!(A, B, C);
guarded!(A, B, C, D);

impl Endpoint {
    /// `GET`.
    pub(crate) fn get<H, T>(path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        Self::new(Method::GET, MethodFilter::GET, path, handler)
    }

    /// `POST`.
    pub(crate) fn post<H, T>(path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        Self::new(Method::POST, MethodFilter::POST, path, handler)
    }

    /// `PUT`.
    pub(crate) fn put<H, T>(path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        Self::new(Method::PUT, MethodFilter::PUT, path, handler)
    }

    /// `PATCH`.
    pub(crate) fn patch<H, T>(path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        Self::new(Method::PATCH, MethodFilter::PATCH, path, handler)
    }

    /// `DELETE`.
    pub(crate) fn delete<H, T>(path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        Self::new(Method::DELETE, MethodFilter::DELETE, path, handler)
    }

    /// What it does, in a few words and in a few sentences.
    pub(crate) fn about(
        self,
        tag: &'static str,
        summary: &'static str,
        text: &'static str,
    ) -> Self {
        self.step(move |description| {
            (description.tag, description.summary, description.text) = (tag, summary, text);
        })
    }

    /// What it answers with.
    pub(crate) fn answers<T: ToSchema>(self, status: u16, text: &'static str) -> Self {
        self.step(move |description| {
            let schema = description.schema::<T>();
            description.answers_json(status, text, schema);
        })
    }

    /// What it answers with, where that is a list.
    pub(crate) fn answers_list<T: ToSchema>(self, text: &'static str) -> Self {
        self.step(move |description| {
            description.schema::<T>();
            // All lists would have one name.
            let name = format!("{}List", T::name());
            description.schemas.push((name.clone(), List::<T>::schema()));
            description.answers_json(200, text, Ref::from_schema_name(name).into());
        })
    }

    /// What it answers with, where that is no JSON.
    pub(crate) fn answers_text(self, content_type: &'static str, text: &'static str) -> Self {
        self.step(move |description| {
            let response = ResponseBuilder::new()
                .description(text)
                .content(content_type, Content::default())
                .build();
            description.responses.push(("200".to_owned(), response));
        })
    }

    /// A failure that callers should expect.
    pub(crate) fn fails(self, status: u16, text: &'static str) -> Self {
        self.step(move |description| description.problem(status, text))
    }

    /// The path as OpenAPI writes it.
    pub(crate) fn documented_path(&self) -> String {
        self.path.replace("{*", "{")
    }

    /// What the API's description says.
    pub(crate) fn description(self) -> Description {
        let mut description = Description::default();
        for step in self.steps {
            step(&mut description);
        }
        description
    }

    fn new<H, T>(method: Method, filter: MethodFilter, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        Self { method, path, route: on(filter, handler), steps: vec![Box::new(T::describe)] }
    }

    fn step(mut self, step: impl FnOnce(&mut Description) + 'static) -> Self {
        self.steps.push(Box::new(step));
        self
    }
}

/// What the API's description says of an endpoint.
#[derive(Default)]
pub(crate) struct Description {
    tag: &'static str,
    summary: &'static str,
    text: &'static str,
    notes: Vec<String>,
    /// Who may ask.
    pub(crate) rules: Vec<Rule>,
    parameters: Vec<Parameter>,
    body: Option<RefOr<Schema>>,
    /// What a body may be that is a file.
    files: &'static [&'static str],
    responses: Vec<(String, Response)>,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Description {
    /// Who may ask; where there are several rules, whoever one of them lets in.
    pub(crate) fn guard(&mut self, rule: Rule) {
        if !matches!(rule, Rule::Open | Rule::ApiKey(_)) {
            self.problem(401, "The credential is missing or does not work.");
            self.problem(403, "The credential works, but may not do this.");
        }
        self.notes.extend(rule.note());
        self.rules.push(rule);
    }

    /// A parameter.
    pub(crate) fn parameter(&mut self, place: ParameterIn, name: &str, text: &str) {
        let required = if place == ParameterIn::Path { Required::True } else { Required::False };
        let schema = utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .build();
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(text));
        self.parameters.push(parameter.schema(Some(schema)).build());
    }

    /// A JSON body.
    pub(crate) fn body<T: ToSchema>(&mut self) {
        let schema = self.schema::<T>();
        self.body = Some(schema);
        self.problem(400, "The body is not JSON.");
        self.problem(413, "The body is too large.");
        self.problem(415, "The body is not sent as application/json.");
        self.problem(422, "Fields are missing, unknown or wrong; `errors` lists them all.");
    }

    /// A body that is a file.
    pub(crate) fn file(&mut self, content_types: &'static [&'static str], text: &'static str) {
        self.files = content_types;
        self.notes.push(text.to_owned());
        self.problem(400, "The body broke off.");
        self.problem(413, "The file is too large.");
        self.problem(415, "The body is not sent as a file.");
        self.problem(422, "The file is not what it should be, or a parameter is wrong.");
    }

    /// A failure.
    pub(crate) fn problem(&mut self, status: u16, text: &str) {
        if self.responses.iter().any(|(known, _)| *known == status.to_string()) {
            return;
        }
        let schema = self.schema::<ProblemBody<'static>>();
        let content = Content::new(Some(schema));
        let response = ResponseBuilder::new()
            .description(text)
            .content("application/problem+json", content)
            .build();
        self.responses.push((status.to_string(), response));
    }

    fn answers_json(&mut self, status: u16, text: &str, schema: RefOr<Schema>) {
        let content = Content::new(Some(schema));
        let response = ResponseBuilder::new().description(text);
        let response = response.content("application/json", content).build();
        self.responses.push((status.to_string(), response));
    }

    fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name()).into()
    }

    /// The description in OpenAPI's form, and the schemas that it refers to.
    pub(crate) fn operation(self, id: &str) -> (Operation, Vec<(String, RefOr<Schema>)>) {
        let text: Vec<String> = [vec![self.text.to_owned()], self.notes].concat();
        let text: Vec<&str> =
            text.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let mut operation = OperationBuilder::new()
            .operation_id(Some(id))
            .tag(self.tag)
            .summary(Some(self.summary))
            .description(Some(text.join("\n\n")));
        for security in self.rules.iter().flat_map(Rule::security) {
            operation = operation.security(security);
        }
        for parameter in self.parameters {
            operation = operation.parameter(parameter);
        }
        if let Some(schema) = self.body {
            let body =
                RequestBodyBuilder::new().content("application/json", Content::new(Some(schema)));
            operation = operation.request_body(Some(body.required(Some(Required::True)).build()));
        }
        if !self.files.is_empty() {
            let body = self.files.iter().fold(RequestBodyBuilder::new(), |body, content_type| {
                body.content(*content_type, Content::default())
            });
            operation = operation.request_body(Some(body.required(Some(Required::True)).build()));
        }
        for (status, response) in self.responses {
            operation = operation.response(status, response);
        }
        (operation.build(), self.schemas)
    }
}
