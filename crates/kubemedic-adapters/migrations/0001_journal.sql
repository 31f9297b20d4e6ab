-- The journal. Types and statements are those that SQLite and PostgreSQL both take: text holds JSON and ids, bigint holds
-- counters and microseconds since 1970-01-01 UTC.

CREATE TABLE workflows (
    workflow_id   TEXT   NOT NULL PRIMARY KEY,
    created_at    BIGINT NOT NULL,
    closed_at     BIGINT,
    status        TEXT   NOT NULL,
    finished      BIGINT NOT NULL,
    retired       BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    summary       TEXT   NOT NULL
);
CREATE INDEX workflows_by_age ON workflows (created_at, workflow_id);
CREATE INDEX workflows_by_finish ON workflows (finished, created_at);

CREATE TABLE workflow_inputs (
    workflow_id TEXT NOT NULL PRIMARY KEY REFERENCES workflows (workflow_id),
    input       TEXT NOT NULL
);

CREATE TABLE workflow_events (
    workflow_id TEXT   NOT NULL REFERENCES workflows (workflow_id),
    sequence    BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    event       TEXT   NOT NULL,
    PRIMARY KEY (workflow_id, sequence)
);

CREATE TABLE approvals (
    approval_id     TEXT   NOT NULL PRIMARY KEY,
    workflow_id     TEXT,
    idempotency_key TEXT   UNIQUE,
    status          TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    revision        BIGINT NOT NULL,
    approval        TEXT   NOT NULL
);
CREATE INDEX approvals_by_workflow ON approvals (workflow_id);
CREATE INDEX approvals_by_status ON approvals (status, created_at);

CREATE TABLE deliveries (
    delivery_id     TEXT   NOT NULL PRIMARY KEY,
    next_attempt_at BIGINT NOT NULL,
    delivery        TEXT   NOT NULL
);
CREATE INDEX deliveries_by_time ON deliveries (next_attempt_at);

CREATE TABLE feedback_events (
    sequence    BIGINT NOT NULL PRIMARY KEY,
    event_key   TEXT   NOT NULL UNIQUE,
    recorded_at BIGINT NOT NULL,
    event       TEXT   NOT NULL
);
