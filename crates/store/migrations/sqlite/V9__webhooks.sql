-- Hooks that are sent: of a project, of a group, or, where both are missing, of the instance.
CREATE TABLE webhooks (
    id                        INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id                BIGINT REFERENCES projects (id),
    namespace_id              BIGINT REFERENCES namespaces (id),
    url                       TEXT    NOT NULL,
    name                      TEXT,
    description               TEXT,
    token                     TEXT,
    signing_secret            TEXT,
    ssl_verification          BOOLEAN NOT NULL,
    triggers                  TEXT    NOT NULL,
    deployment_events         BOOLEAN NOT NULL,
    push_events_branch_filter TEXT,
    branch_filter_strategy    TEXT    NOT NULL,
    custom_webhook_template   TEXT,
    custom_headers            TEXT    NOT NULL,
    url_variables             TEXT    NOT NULL,
    failures                  BIGINT  NOT NULL,
    paused_until              BIGINT,
    created_at                BIGINT  NOT NULL
);
CREATE INDEX webhooks_project_id ON webhooks (project_id);
CREATE INDEX webhooks_namespace_id ON webhooks (namespace_id);
CREATE INDEX webhooks_of_instance ON webhooks (project_id, namespace_id)
    WHERE project_id IS NULL AND namespace_id IS NULL;

-- What there is to tell, once for all who are told. `facts` are those of the moment of the change; `body` is made of them
-- when it is first needed, and then stays.
CREATE TABLE webhook_messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event_uuid TEXT   NOT NULL,
    facts      TEXT   NOT NULL,
    body       TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_messages_event_uuid ON webhook_messages (event_uuid);
CREATE INDEX webhook_messages_created_at ON webhook_messages (created_at);

-- Deliveries that are to be made. While a node makes one, it is the holder, and `due_at` is when others may take it over.
-- Neither this table nor the log knows that a hook was deleted: rows without one are passed over and cleared away by age.
CREATE TABLE webhook_queue (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id         BIGINT NOT NULL,
    message_id      BIGINT NOT NULL REFERENCES webhook_messages (id),
    idempotency_key TEXT   NOT NULL,
    attempts        BIGINT NOT NULL,
    due_at          BIGINT NOT NULL,
    holder          TEXT,
    created_at      BIGINT NOT NULL
);
CREATE INDEX webhook_queue_hook_id ON webhook_queue (hook_id);
CREATE INDEX webhook_queue_hook_id_due_at ON webhook_queue (hook_id, due_at);
CREATE INDEX webhook_queue_held ON webhook_queue (hook_id, due_at) WHERE holder IS NOT NULL;
CREATE INDEX webhook_queue_message_id ON webhook_queue (message_id);
CREATE INDEX webhook_queue_created_at ON webhook_queue (created_at);

-- Attempts. Without a status there was no answer, and `response_body` says why.
CREATE TABLE webhook_log (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id          BIGINT NOT NULL,
    message_id       BIGINT NOT NULL REFERENCES webhook_messages (id),
    idempotency_key  TEXT   NOT NULL,
    trigger_name     TEXT   NOT NULL,
    url              TEXT   NOT NULL,
    request_headers  TEXT   NOT NULL,
    response_status  BIGINT,
    response_headers TEXT   NOT NULL,
    response_body    TEXT   NOT NULL,
    duration         DOUBLE PRECISION NOT NULL,
    created_at       BIGINT NOT NULL
);
CREATE INDEX webhook_log_hook_id ON webhook_log (hook_id);
CREATE INDEX webhook_log_message_id ON webhook_log (message_id);
CREATE INDEX webhook_log_created_at ON webhook_log (created_at);
