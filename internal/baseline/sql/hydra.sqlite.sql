-- The schema of Ory Hydra (Apache License 2.0) on sqlite, made by "make baseline" from
-- its 212 migrations. Do not edit.
CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0);
CREATE TABLE "networks" (
  "id" TEXT PRIMARY KEY,
  "created_at" DATETIME NOT NULL,
  "updated_at" DATETIME NOT NULL
);
CREATE TABLE "hydra_oauth2_jti_blacklist" (
    signature  VARCHAR(64) NOT NULL,
    expires_at TIMESTAMP   NOT NULL DEFAULT CURRENT_TIMESTAMP,
    nid        CHAR(36)    NOT NULL,
    CHECK (nid != '00000000-0000-0000-0000-000000000000'),
    PRIMARY KEY (signature, nid)
);
CREATE TABLE "hydra_oauth2_logout_request" (
    challenge    VARCHAR(36)  NOT NULL PRIMARY KEY,
    verifier     VARCHAR(36)  NOT NULL,
    subject      VARCHAR(255) NOT NULL,
    sid          VARCHAR(36)  NOT NULL,
    client_id    VARCHAR(255) NULL,
    nid          CHAR(36)     NOT NULL,
    request_url  TEXT         NOT NULL,
    redir_url    TEXT         NOT NULL,
    was_used     INTEGER      NOT NULL DEFAULT false,
    accepted     INTEGER      NOT NULL DEFAULT false,
    rejected     INTEGER      NOT NULL DEFAULT false,
    rp_initiated INTEGER      NOT NULL DEFAULT false, expires_at timestamp NULL, requested_at timestamp NULL,
    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE,
    UNIQUE (verifier)
);
CREATE TABLE "hydra_oauth2_obfuscated_authentication_session" (
    subject            VARCHAR(255) NOT NULL,
    client_id          VARCHAR(255) NOT NULL,
    subject_obfuscated VARCHAR(255) NOT NULL,
    nid                CHAR(36)     NOT NULL,
    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE,
    PRIMARY KEY (subject, client_id, nid)
);
CREATE TABLE "hydra_oauth2_authentication_session" (
    id               VARCHAR(40)  NOT NULL PRIMARY KEY,
    authenticated_at TIMESTAMP    NULL,
    subject          VARCHAR(255) NOT NULL,
    nid              CHAR(36)     NOT NULL,
    remember         INTEGER      NOT NULL DEFAULT false, identity_provider_session_id VARCHAR(40),
    CHECK (nid != '00000000-0000-0000-0000-000000000000')
);
CREATE TABLE "hydra_oauth2_flow" (
    login_challenge           VARCHAR(40)  NOT NULL PRIMARY KEY,
    nid                       CHAR(36)     NOT NULL,
    requested_scope           TEXT         NOT NULL,
    login_verifier            VARCHAR(40)  NOT NULL,
    login_csrf                VARCHAR(40)  NOT NULL,
    subject                   VARCHAR(255) NOT NULL,
    request_url               TEXT         NOT NULL,
    login_skip                INTEGER      NOT NULL,
    client_id                 VARCHAR(255) NOT NULL,
    requested_at              TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    oidc_context              TEXT         NOT NULL,
    login_session_id          VARCHAR(40)  NULL REFERENCES hydra_oauth2_authentication_session (id) ON DELETE SET NULL,
    requested_at_audience     TEXT         NULL DEFAULT '',
    login_initialized_at      TIMESTAMP    NULL,

    state                     INTEGER      NOT NULL,

    login_remember            INTEGER      NULL,
    login_remember_for        INTEGER      NULL,
    login_error               TEXT         NULL,
    acr                       TEXT         NULL,
    login_authenticated_at    TIMESTAMP    NULL,
    login_was_used            INTEGER      NULL,
    forced_subject_identifier VARCHAR(255) NULL DEFAULT '',
    context                   TEXT         NULL DEFAULT '{}',
    amr                       TEXT         NULL DEFAULT '',

    consent_challenge_id      VARCHAR(40)  NULL,
    consent_skip              INTEGER      NULL DEFAULT false,
    consent_verifier          VARCHAR(40)  NULL,
    consent_csrf              VARCHAR(40)  NULL,

    granted_scope             TEXT        NULL,
    granted_at_audience       TEXT        NULL DEFAULT '',
    consent_remember          INTEGER     NULL DEFAULT 0,
    consent_remember_for      INTEGER     NULL,
    consent_handled_at        TIMESTAMP   NULL,
    consent_was_used          INTEGER     NOT NULL DEFAULT false,
    consent_error             TEXT        NULL,
    session_id_token          TEXT        NULL DEFAULT '{}',
    session_access_token      TEXT        NULL DEFAULT '{}', login_extend_session_lifespan BOOLEAN NOT NULL DEFAULT FALSE, identity_provider_session_id VARCHAR(40),

    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE,

    CHECK (
        state = 128 OR
        state = 129 OR
        state = 1 OR
        (state = 2 AND (
            login_remember IS NOT NULL AND
            login_remember_for IS NOT NULL AND
            login_error IS NOT NULL AND
            acr IS NOT NULL AND
            login_was_used IS NOT NULL AND
            context IS NOT NULL AND
            amr IS NOT NULL
        )) OR
        (state = 3 AND (
            login_remember IS NOT NULL AND
            login_remember_for IS NOT NULL AND
            login_error IS NOT NULL AND
            acr IS NOT NULL AND
            login_was_used IS NOT NULL AND
            context IS NOT NULL AND
            amr IS NOT NULL
        )) OR
        (state = 4 AND (
            login_remember IS NOT NULL AND
            login_remember_for IS NOT NULL AND
            login_error IS NOT NULL AND
            acr IS NOT NULL AND
            login_was_used IS NOT NULL AND
            context IS NOT NULL AND
            amr IS NOT NULL AND

            consent_challenge_id IS NOT NULL AND
            consent_verifier IS NOT NULL AND
            consent_skip IS NOT NULL AND
            consent_csrf IS NOT NULL
        )) OR
        (state = 5 AND (
            login_remember IS NOT NULL AND
            login_remember_for IS NOT NULL AND
            login_error IS NOT NULL AND
            acr IS NOT NULL AND
            login_was_used IS NOT NULL AND
            context IS NOT NULL AND
            amr IS NOT NULL AND

            consent_challenge_id IS NOT NULL AND
            consent_verifier IS NOT NULL AND
            consent_skip IS NOT NULL AND
            consent_csrf IS NOT NULL
        )) OR
        (state = 6 AND (
            login_remember IS NOT NULL AND
            login_remember_for IS NOT NULL AND
            login_error IS NOT NULL AND
            acr IS NOT NULL AND
            login_was_used IS NOT NULL AND
            context IS NOT NULL AND
            amr IS NOT NULL AND

            consent_challenge_id IS NOT NULL AND
            consent_verifier IS NOT NULL AND
            consent_skip IS NOT NULL AND
            consent_csrf IS NOT NULL AND

            granted_scope IS NOT NULL AND
            consent_remember IS NOT NULL AND
            consent_remember_for IS NOT NULL AND
            consent_error IS NOT NULL AND
            session_access_token IS NOT NULL AND
            session_id_token IS NOT NULL AND
            consent_was_used IS NOT NULL
        ))
    )
);
CREATE TABLE "hydra_oauth2_code" (
    signature          VARCHAR(255) NOT NULL,
    request_id         VARCHAR(40)  NOT NULL,
    requested_at       TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    client_id          VARCHAR(255) NOT NULL,
    scope              TEXT         NOT NULL,
    granted_scope      TEXT         NOT NULL,
    form_data          TEXT         NOT NULL,
    session_data       TEXT         NOT NULL,
    subject            VARCHAR(255) NOT NULL DEFAULT '',
    active             INTEGER      NOT NULL DEFAULT true,
    requested_audience TEXT         NULL     DEFAULT '',
    granted_audience   TEXT         NULL     DEFAULT '',
    challenge_id       VARCHAR(40)  NULL REFERENCES hydra_oauth2_flow (consent_challenge_id) ON DELETE CASCADE,
    nid                CHAR(36)     NOT NULL, expires_at TIMESTAMP NULL,
    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE
);
CREATE TABLE "hydra_oauth2_oidc" (
    signature          VARCHAR(255) NOT NULL PRIMARY KEY,
    request_id         VARCHAR(40)  NOT NULL,
    requested_at       TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    client_id          VARCHAR(255) NOT NULL,
    scope              TEXT         NOT NULL,
    granted_scope      TEXT         NOT NULL,
    form_data          TEXT         NOT NULL,
    session_data       TEXT         NOT NULL,
    subject            VARCHAR(255) NOT NULL DEFAULT '',
    active             INTEGER      NOT NULL DEFAULT true,
    requested_audience TEXT         NULL     DEFAULT '',
    granted_audience   TEXT         NULL     DEFAULT '',
    challenge_id       VARCHAR(40)  NULL REFERENCES hydra_oauth2_flow (consent_challenge_id) ON DELETE CASCADE,
    nid                CHAR(36)     NOT NULL, expires_at TIMESTAMP NULL,
    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE
);
CREATE TABLE "hydra_oauth2_pkce" (
    signature          VARCHAR(255) NOT NULL PRIMARY KEY,
    request_id         VARCHAR(40)  NOT NULL,
    requested_at       TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    client_id          VARCHAR(255) NOT NULL,
    scope              TEXT         NOT NULL,
    granted_scope      TEXT         NOT NULL,
    form_data          TEXT         NOT NULL,
    session_data       TEXT         NOT NULL,
    subject            VARCHAR(255) NOT NULL,
    active             INTEGER      NOT NULL DEFAULT true,
    requested_audience TEXT         NULL     DEFAULT '',
    granted_audience   TEXT         NULL     DEFAULT '',
    challenge_id       VARCHAR(40)  NULL REFERENCES hydra_oauth2_flow (consent_challenge_id) ON DELETE CASCADE,
    nid                CHAR(36)     NOT NULL, expires_at TIMESTAMP NULL,
    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE
);
CREATE TABLE "hydra_oauth2_access" (
    signature          VARCHAR(255) NOT NULL PRIMARY KEY,
    request_id         VARCHAR(40)  NOT NULL,
    requested_at       TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    client_id          VARCHAR(255) NOT NULL,
    scope              TEXT         NOT NULL,
    granted_scope      TEXT         NOT NULL,
    form_data          TEXT         NOT NULL,
    session_data       TEXT         NOT NULL,
    subject            VARCHAR(255) NOT NULL DEFAULT '',
    active             INTEGER      NOT NULL DEFAULT true,
    requested_audience TEXT         NULL     DEFAULT '',
    granted_audience   TEXT         NULL     DEFAULT '',
    challenge_id       VARCHAR(40)  NULL REFERENCES hydra_oauth2_flow (consent_challenge_id) ON DELETE CASCADE,
    nid                CHAR(36)     NOT NULL, expires_at TIMESTAMP NULL,
    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE
);
CREATE TABLE "hydra_oauth2_refresh" (
    signature          VARCHAR(255) NOT NULL PRIMARY KEY,
    request_id         VARCHAR(40)  NOT NULL,
    requested_at       TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    client_id          VARCHAR(255) NOT NULL,
    scope              TEXT         NOT NULL,
    granted_scope      TEXT         NOT NULL,
    form_data          TEXT         NOT NULL,
    session_data       TEXT         NOT NULL,
    subject            VARCHAR(255) NOT NULL DEFAULT '',
    active             INTEGER      NOT NULL DEFAULT true,
    requested_audience TEXT         NULL     DEFAULT '',
    granted_audience   TEXT         NULL     DEFAULT '',
    challenge_id       VARCHAR(40)  NULL REFERENCES hydra_oauth2_flow (consent_challenge_id) ON DELETE CASCADE,
    nid                CHAR(36)     NOT NULL, expires_at TIMESTAMP NULL, first_used_at TIMESTAMP DEFAULT NULL, access_token_signature VARCHAR(255) DEFAULT NULL,
    FOREIGN KEY (client_id, nid) REFERENCES hydra_client (id, nid) ON DELETE CASCADE
);
CREATE TABLE "hydra_oauth2_trusted_jwt_bearer_issuer" (
    id         VARCHAR(36) PRIMARY KEY,
    issuer     VARCHAR(255) NOT NULL,
    subject    VARCHAR(255) NOT NULL,
    scope      TEXT         NOT NULL,
    key_set    varchar(255) NOT NULL,
    key_id     varchar(255) NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    nid        CHAR(36)     NOT NULL, allow_any_subject INTEGER NOT NULL DEFAULT FALSE,
    UNIQUE (issuer, subject, key_id, nid),
    FOREIGN KEY (key_set, key_id, nid) REFERENCES hydra_jwk (sid, kid, nid) ON DELETE CASCADE
);
CREATE TABLE "hydra_jwk" (
    sid             VARCHAR(255) NOT NULL,
    kid             VARCHAR(255) NOT NULL,
    nid             CHAR(36)     NOT NULL,
    version         INTEGER      DEFAULT 0 NOT NULL,
    keydata         TEXT         NOT NULL,
    created_at      TIMESTAMP    DEFAULT CURRENT_TIMESTAMP NOT NULL,
    pk              TEXT         PRIMARY KEY,
    pk_deprecated   INTEGER      NULL DEFAULT NULL,
    CHECK (nid != '00000000-0000-0000-0000-000000000000')
);
CREATE TABLE "hydra_client"
(
  id                                              VARCHAR(255) NOT NULL,
  client_name                                     TEXT         NOT NULL,
  client_secret                                   TEXT         NOT NULL,
  redirect_uris                                   TEXT         NOT NULL,
  grant_types                                     TEXT         NOT NULL,
  response_types                                  TEXT         NOT NULL,
  scope                                           TEXT         NOT NULL,
  owner                                           TEXT         NOT NULL,
  policy_uri                                      TEXT         NOT NULL,
  tos_uri                                         TEXT         NOT NULL,
  client_uri                                      TEXT         NOT NULL,
  logo_uri                                        TEXT         NOT NULL,
  contacts                                        TEXT         NOT NULL,
  client_secret_expires_at                        INTEGER      NOT NULL DEFAULT 0,
  sector_identifier_uri                           TEXT         NOT NULL,
  jwks                                            TEXT         NOT NULL,
  jwks_uri                                        TEXT         NOT NULL,
  request_uris                                    TEXT         NOT NULL,
  token_endpoint_auth_method                      VARCHAR(25)  NOT NULL DEFAULT '',
  request_object_signing_alg                      VARCHAR(10)  NOT NULL DEFAULT '',
  userinfo_signed_response_alg                    VARCHAR(10)  NOT NULL DEFAULT '',
  subject_type                                    VARCHAR(15)  NOT NULL DEFAULT '',
  allowed_cors_origins                            TEXT         NOT NULL,
  pk                                              TEXT         NULL,
  pk_deprecated                                   INTEGER NULL DEFAULT NULL,
  audience                                        TEXT         NOT NULL,
  created_at                                      TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at                                      TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  frontchannel_logout_uri                         TEXT         NOT NULL DEFAULT '',
  frontchannel_logout_session_required            INTEGER      NOT NULL DEFAULT false,
  post_logout_redirect_uris                       TEXT         NOT NULL DEFAULT '',
  backchannel_logout_uri                          TEXT         NOT NULL DEFAULT '',
  backchannel_logout_session_required             INTEGER      NOT NULL DEFAULT false,
  metadata                                        TEXT         NOT NULL DEFAULT '{}',
  token_endpoint_auth_signing_alg                 VARCHAR(10)  NOT NULL DEFAULT '',
  registration_access_token_signature             VARCHAR(128) NOT NULL DEFAULT '',
  access_token_strategy                           VARCHAR(10)  NOT NULL DEFAULT '',
  authorization_code_grant_access_token_lifespan  BIGINT NULL DEFAULT NULL,
  authorization_code_grant_id_token_lifespan      BIGINT NULL DEFAULT NULL,
  authorization_code_grant_refresh_token_lifespan BIGINT NULL DEFAULT NULL,
  client_credentials_grant_access_token_lifespan  BIGINT NULL DEFAULT NULL,
  implicit_grant_access_token_lifespan            BIGINT NULL DEFAULT NULL,
  implicit_grant_id_token_lifespan                BIGINT NULL DEFAULT NULL,
  jwt_bearer_grant_access_token_lifespan          BIGINT NULL DEFAULT NULL,
  password_grant_access_token_lifespan            BIGINT NULL DEFAULT NULL,
  password_grant_refresh_token_lifespan           BIGINT NULL DEFAULT NULL,
  refresh_token_grant_id_token_lifespan           BIGINT NULL DEFAULT NULL,
  refresh_token_grant_access_token_lifespan       BIGINT NULL DEFAULT NULL,
  refresh_token_grant_refresh_token_lifespan      BIGINT NULL DEFAULT NULL,
  skip_consent                                    BOOLEAN      NOT NULL DEFAULT false,
  nid                                             CHAR(36)     NOT NULL, skip_logout_consent BOOLEAN NULL,
  PRIMARY KEY (id, nid)
);
CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version);
CREATE INDEX schema_migration_version_self_idx ON schema_migration (version_self);
CREATE INDEX hydra_oauth2_jti_blacklist_expires_at_idx ON hydra_oauth2_jti_blacklist (expires_at, nid);
CREATE INDEX hydra_oauth2_logout_request_client_id_idx ON hydra_oauth2_logout_request (client_id, nid);
CREATE UNIQUE INDEX hydra_oauth2_obfuscated_authentication_session_client_id_subject_obfuscated_idx ON hydra_oauth2_obfuscated_authentication_session (client_id, subject_obfuscated, nid);
CREATE INDEX hydra_oauth2_authentication_session_subject_idx ON hydra_oauth2_authentication_session (subject, nid);
CREATE INDEX hydra_oauth2_flow_client_id_idx ON hydra_oauth2_flow (client_id, nid);
CREATE INDEX hydra_oauth2_flow_login_session_id_idx ON hydra_oauth2_flow (login_session_id);
CREATE INDEX hydra_oauth2_flow_subject_idx ON hydra_oauth2_flow (subject, nid);
CREATE UNIQUE INDEX hydra_oauth2_flow_consent_challenge_id_idx ON hydra_oauth2_flow (consent_challenge_id);
CREATE INDEX hydra_oauth2_code_client_id_idx ON hydra_oauth2_code (client_id, nid);
CREATE INDEX hydra_oauth2_code_challenge_id_idx ON hydra_oauth2_code (challenge_id, nid);
CREATE INDEX hydra_oauth2_oidc_client_id_idx ON hydra_oauth2_oidc (client_id, nid);
CREATE INDEX hydra_oauth2_oidc_challenge_id_idx ON hydra_oauth2_oidc (challenge_id, nid);
CREATE INDEX hydra_oauth2_pkce_client_id_idx ON hydra_oauth2_pkce (client_id, nid);
CREATE INDEX hydra_oauth2_pkce_challenge_id_idx ON hydra_oauth2_pkce (challenge_id, nid);
CREATE INDEX hydra_oauth2_access_requested_at_idx ON hydra_oauth2_access (requested_at, nid);
CREATE INDEX hydra_oauth2_access_client_id_idx ON hydra_oauth2_access (client_id, nid);
CREATE INDEX hydra_oauth2_access_challenge_id_idx ON hydra_oauth2_access (challenge_id, nid);
CREATE INDEX hydra_oauth2_access_request_id_idx ON hydra_oauth2_access (request_id, nid);
CREATE INDEX hydra_oauth2_refresh_client_id_idx ON hydra_oauth2_refresh (client_id, nid);
CREATE INDEX hydra_oauth2_refresh_challenge_id_idx ON hydra_oauth2_refresh (challenge_id, nid);
CREATE INDEX hydra_oauth2_refresh_request_id_idx ON hydra_oauth2_refresh (request_id, nid);
CREATE INDEX hydra_oauth2_trusted_jwt_bearer_issuer_expires_at_idx ON hydra_oauth2_trusted_jwt_bearer_issuer (expires_at);
CREATE UNIQUE INDEX hydra_jwk_sid_kid_nid_key ON hydra_jwk (sid, kid, nid);
CREATE INDEX hydra_oauth2_refresh_requested_at_idx ON hydra_oauth2_refresh (nid, requested_at);
CREATE INDEX hydra_oauth2_flow_previous_consents_idx
  ON hydra_oauth2_flow (subject, client_id, nid, consent_skip, consent_error, consent_remember);
CREATE INDEX hydra_jwk_nid_sid_created_at_idx ON hydra_jwk (nid, sid, created_at);
CREATE INDEX hydra_jwk_nid_sid_kid_created_at_idx ON hydra_jwk (nid, sid, kid, created_at);
INSERT INTO networks ("id", "created_at", "updated_at") VALUES
(lower(printf('%s-%s-4%s-%s%s-%s', hex(randomblob(4)), hex(randomblob(2)), substr(hex(randomblob(2)), 2),
	substr('89AB', 1 + (random() & 3), 1), substr(hex(randomblob(2)), 2), hex(randomblob(6)))), '2013-10-07 08:23:19', '2013-10-07 08:23:19');
INSERT INTO schema_migration ("version", "version_self") VALUES
('20150101000001000000', 0),
('20190100000001000000', 0),
('20190100000002000000', 0),
('20190100000003000000', 0),
('20190100000004000000', 0),
('20190100000005000000', 0),
('20190100000006000000', 0),
('20190100000007000000', 0),
('20190100000008000000', 0),
('20190100000009000000', 0),
('20190100000010000000', 0),
('20190100000011000000', 0),
('20190100000012000000', 0),
('20190100000013000000', 0),
('20190100000014000000', 0),
('20190200000001000000', 0),
('20190200000002000000', 0),
('20190200000003000000', 0),
('20190200000004000000', 0),
('20190300000001000000', 0),
('20190300000002000000', 0),
('20190300000003000000', 0),
('20190300000004000000', 0),
('20190300000005000000', 0),
('20190300000006000000', 0),
('20190300000007000000', 0),
('20190300000008000000', 0),
('20190300000009000000', 0),
('20190300000010000000', 0),
('20190300000011000000', 0),
('20190300000012000000', 0),
('20190300000013000000', 0),
('20190300000014000000', 0),
('20190400000001000000', 0),
('20190400000002000000', 0),
('20190400000003000000', 0),
('20190400000004000000', 0),
('20190400000005000000', 0),
('20190400000006000000', 0),
('20190400000007000000', 0),
('20190400000008000000', 0),
('20190400000009000000', 0),
('20190400000010000000', 0),
('20190400000011000000', 0),
('20200521071434000000', 0),
('20200527215731000000', 0),
('20200527215732000000', 0),
('20200819163013000000', 0),
('20200913192340000000', 0),
('20201110104000000000', 0),
('20201116133000000000', 0),
('20210928155900000000', 0),
('20210928175900000000', 0),
('20211004110001000000', 0),
('20211004110002000000', 0),
('20211004110003000000', 0),
('20211011000001000000', 0),
('20211011000002000000', 0),
('20211011000003000000', 0),
('20211019000001000000', 0),
('20211019000001000001', 0),
('20211019000001000002', 0),
('20211019000001000003', 0),
('20211019000001000004', 0),
('20211019000001000005', 0),
('20211019000001000006', 0),
('20211019000001000007', 0),
('20211019000001000008', 0),
('20211019000001000009', 0),
('20211019000001000010', 0),
('20211019000001000011', 0),
('20211019000001000012', 0),
('20211019000001000013', 0),
('20211019000001000014', 0),
('20211019000001000015', 0),
('20211019000001000016', 0),
('20211019000001000017', 0),
('20211019000001000018', 0),
('20211019000001000019', 0),
('20211019000001000020', 0),
('20211019000001000021', 0),
('20211019000001000022', 0),
('20211019000001000023', 0),
('20211019000001000024', 0),
('20211019000001000025', 0),
('20211019000001000026', 0),
('20211019000001000027', 0),
('20211019000001000028', 0),
('20211019000001000029', 0),
('20211019000001000030', 0),
('20211019000001000031', 0),
('20211019000001000032', 0),
('20211019000001000033', 0),
('20211019000001000034', 0),
('20211019000001000035', 0),
('20211019000001000036', 0),
('20211019000001000037', 0),
('20211019000001000038', 0),
('20211019000001000039', 0),
('20211226155900000000', 0),
('20211226156000000000', 0),
('20220210000001000000', 0),
('20220210000001000001', 0),
('20220210000001000002', 0),
('20220210000001000003', 0),
('20220210000001000004', 0),
('20220210000001000005', 0),
('20220210000001000006', 0),
('20220210000001000007', 0),
('20220210000001000008', 0),
('20220210000001000009', 0),
('20220210000001000010', 0),
('20220210000001000011', 0),
('20220210000001000012', 0),
('20220210000001000013', 0),
('20220210000001000014', 0),
('20220210000001000015', 0),
('20220210000001000016', 0),
('20220210000001000017', 0),
('20220210000001000018', 0),
('20220210000001000019', 0),
('20220210000001000020', 0),
('20220210000001000021', 0),
('20220210000001000022', 0),
('20220210000001000023', 0),
('20220210000001000024', 0),
('20220210000001000025', 0),
('20220210000001000026', 0),
('20220210000001000027', 0),
('20220210000001000028', 0),
('20220210000001000029', 0),
('20220210000001000030', 0),
('20220210000001000031', 0),
('20220210000001000032', 0),
('20220210000001000033', 0),
('20220210000001000034', 0),
('20220210000001000035', 0),
('20220210000001000036', 0),
('20220210000001000037', 0),
('20220210000001000038', 0),
('20220210000001000039', 0),
('20220210000001000040', 0),
('20220210000001000041', 0),
('20220210000001000042', 0),
('20220210000001000043', 0),
('20220210000001000044', 0),
('20220210000001000045', 0),
('20220210000001000046', 0),
('20220210000001000047', 0),
('20220210000001000048', 0),
('20220210000001000049', 0),
('20220210000001000050', 0),
('20220210000001000051', 0),
('20220210000001000052', 0),
('20220210000001000053', 0),
('20220210000001000054', 0),
('20220210000001000055', 0),
('20220210000001000056', 0),
('20220210000001000057', 0),
('20220210000001000058', 0),
('20220210000001000059', 0),
('20220210000001000060', 0),
('20220210000001000061', 0),
('20220210000001000062', 0),
('20220210000001000063', 0),
('20220210000001000064', 0),
('20220210000001000065', 0),
('20220210000001000066', 0),
('20220210000001000067', 0),
('20220210000001000068', 0),
('20220210000001000069', 0),
('20220210000001000070', 0),
('20220210000001000071', 0),
('20220210000001000072', 0),
('20220210000001000073', 0),
('20220210000001000074', 0),
('20220210000001000075', 0),
('20220210000001000076', 0),
('20220210000001000077', 0),
('20220210000001000078', 0),
('20220210000001000079', 0),
('20220328111500000000', 0),
('20220513000001000000', 0),
('20220513000001000001', 0),
('20220513000001000002', 0),
('20220513000001000003', 0),
('20220513000001000004', 0),
('20220513000001000005', 0),
('20220513000001000006', 0),
('20220513000001000007', 0),
('20220513000001000008', 0),
('20220513000001000009', 0),
('20220513000001000010', 0),
('20220916000010000000', 0),
('20221109000010000000', 0),
('20221109000010000001', 0),
('20230220000000000000', 0),
('20230228000010000001', 0),
('20230313112801000001', 0),
('20230512112801000001', 0),
('20230606112801000001', 0),
('20230809122501000001', 0),
('20230908104443000000', 0),
('20230908104443000001', 0),
('20240104181300000001', 0),
('20240129174410000001', 0),
('20240403121110000001', 0),
('20240612222110000001', 0),
('20240916105610000001', 0),
('20241012144910000001', 0),
('20241014121000000000', 0),
('20241129111700000000', 0);
