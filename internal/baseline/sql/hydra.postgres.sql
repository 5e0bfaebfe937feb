-- The schema of Ory Hydra (Apache License 2.0) on postgres, made by "make baseline" from
-- its 212 migrations. Do not edit.
CREATE TABLE hydra_client (
    id character varying(255) NOT NULL,
    client_name text NOT NULL,
    client_secret text NOT NULL,
    scope text NOT NULL,
    owner text NOT NULL,
    policy_uri text NOT NULL,
    tos_uri text NOT NULL,
    client_uri text NOT NULL,
    logo_uri text NOT NULL,
    client_secret_expires_at integer DEFAULT 0 NOT NULL,
    sector_identifier_uri text NOT NULL,
    jwks text NOT NULL,
    jwks_uri text NOT NULL,
    token_endpoint_auth_method character varying(25) DEFAULT ''::character varying NOT NULL,
    request_object_signing_alg character varying(10) DEFAULT ''::character varying NOT NULL,
    userinfo_signed_response_alg character varying(10) DEFAULT ''::character varying NOT NULL,
    subject_type character varying(15) DEFAULT ''::character varying NOT NULL,
    pk_deprecated integer NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone DEFAULT now() NOT NULL,
    frontchannel_logout_uri text DEFAULT ''::text NOT NULL,
    frontchannel_logout_session_required boolean DEFAULT false NOT NULL,
    backchannel_logout_uri text DEFAULT ''::text NOT NULL,
    backchannel_logout_session_required boolean DEFAULT false NOT NULL,
    metadata text NOT NULL,
    token_endpoint_auth_signing_alg character varying(10) DEFAULT ''::character varying NOT NULL,
    authorization_code_grant_access_token_lifespan bigint,
    authorization_code_grant_id_token_lifespan bigint,
    authorization_code_grant_refresh_token_lifespan bigint,
    client_credentials_grant_access_token_lifespan bigint,
    implicit_grant_access_token_lifespan bigint,
    implicit_grant_id_token_lifespan bigint,
    jwt_bearer_grant_access_token_lifespan bigint,
    password_grant_access_token_lifespan bigint,
    password_grant_refresh_token_lifespan bigint,
    refresh_token_grant_id_token_lifespan bigint,
    refresh_token_grant_access_token_lifespan bigint,
    refresh_token_grant_refresh_token_lifespan bigint,
    pk uuid,
    registration_access_token_signature character varying(128) DEFAULT ''::character varying NOT NULL,
    nid uuid NOT NULL,
    redirect_uris jsonb NOT NULL,
    grant_types jsonb NOT NULL,
    response_types jsonb NOT NULL,
    audience jsonb NOT NULL,
    allowed_cors_origins jsonb NOT NULL,
    contacts jsonb NOT NULL,
    request_uris jsonb NOT NULL,
    post_logout_redirect_uris jsonb DEFAULT '[]'::jsonb NOT NULL,
    access_token_strategy character varying(10) DEFAULT ''::character varying NOT NULL,
    skip_consent boolean DEFAULT false NOT NULL,
    skip_logout_consent boolean
);
CREATE SEQUENCE hydra_client_pk_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE hydra_client_pk_seq OWNED BY hydra_client.pk_deprecated;
CREATE TABLE hydra_jwk (
    sid character varying(255) NOT NULL,
    kid character varying(255) NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    keydata text NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    pk_deprecated integer NOT NULL,
    pk uuid NOT NULL,
    nid uuid NOT NULL
);
CREATE SEQUENCE hydra_jwk_pk_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE hydra_jwk_pk_seq OWNED BY hydra_jwk.pk_deprecated;
CREATE TABLE hydra_oauth2_access (
    signature character varying(255) NOT NULL,
    request_id character varying(40) NOT NULL,
    requested_at timestamp without time zone DEFAULT now() NOT NULL,
    client_id character varying(255) NOT NULL,
    scope text NOT NULL,
    granted_scope text NOT NULL,
    form_data text NOT NULL,
    session_data text NOT NULL,
    subject character varying(255) DEFAULT ''::character varying NOT NULL,
    active boolean DEFAULT true NOT NULL,
    requested_audience text DEFAULT ''::text,
    granted_audience text DEFAULT ''::text,
    challenge_id character varying(40),
    nid uuid NOT NULL,
    expires_at timestamp without time zone
);
CREATE TABLE hydra_oauth2_authentication_session (
    id character varying(40) NOT NULL,
    authenticated_at timestamp without time zone,
    subject character varying(255) NOT NULL,
    remember boolean DEFAULT false NOT NULL,
    nid uuid NOT NULL,
    identity_provider_session_id character varying(40)
);
CREATE TABLE hydra_oauth2_code (
    signature character varying(255) NOT NULL,
    request_id character varying(40) NOT NULL,
    requested_at timestamp without time zone DEFAULT now() NOT NULL,
    client_id character varying(255) NOT NULL,
    scope text NOT NULL,
    granted_scope text NOT NULL,
    form_data text NOT NULL,
    session_data text NOT NULL,
    subject character varying(255) DEFAULT ''::character varying NOT NULL,
    active boolean DEFAULT true NOT NULL,
    requested_audience text DEFAULT ''::text,
    granted_audience text DEFAULT ''::text,
    challenge_id character varying(40),
    nid uuid NOT NULL,
    expires_at timestamp without time zone
);
CREATE TABLE hydra_oauth2_flow (
    login_challenge character varying(40) NOT NULL,
    login_verifier character varying(40) NOT NULL,
    login_csrf character varying(40) NOT NULL,
    subject character varying(255) NOT NULL,
    request_url text NOT NULL,
    login_skip boolean NOT NULL,
    client_id character varying(255) NOT NULL,
    requested_at timestamp without time zone DEFAULT now() NOT NULL,
    login_initialized_at timestamp without time zone,
    oidc_context jsonb DEFAULT '{}'::jsonb NOT NULL,
    login_session_id character varying(40),
    state integer NOT NULL,
    login_remember boolean DEFAULT false NOT NULL,
    login_remember_for integer NOT NULL,
    login_error text,
    acr text DEFAULT ''::text NOT NULL,
    login_authenticated_at timestamp without time zone,
    login_was_used boolean DEFAULT false NOT NULL,
    forced_subject_identifier character varying(255) DEFAULT ''::character varying NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL,
    consent_challenge_id character varying(40),
    consent_skip boolean DEFAULT false NOT NULL,
    consent_verifier character varying(40),
    consent_csrf character varying(40),
    consent_remember boolean DEFAULT false NOT NULL,
    consent_remember_for integer,
    consent_handled_at timestamp without time zone,
    consent_error text,
    session_access_token jsonb DEFAULT '{}'::jsonb NOT NULL,
    session_id_token jsonb DEFAULT '{}'::jsonb NOT NULL,
    consent_was_used boolean DEFAULT false NOT NULL,
    nid uuid NOT NULL,
    requested_scope jsonb NOT NULL,
    requested_at_audience jsonb DEFAULT '[]'::jsonb,
    amr jsonb DEFAULT '[]'::jsonb,
    granted_scope jsonb,
    granted_at_audience jsonb DEFAULT '[]'::jsonb,
    login_extend_session_lifespan boolean DEFAULT false NOT NULL,
    identity_provider_session_id character varying(40),
    CONSTRAINT hydra_oauth2_flow_check CHECK (((state = 128) OR (state = 129) OR (state = 1) OR ((state = 2) AND ((login_remember IS NOT NULL) AND (login_remember_for IS NOT NULL) AND (login_error IS NOT NULL) AND (acr IS NOT NULL) AND (login_was_used IS NOT NULL) AND (context IS NOT NULL) AND (amr IS NOT NULL))) OR ((state = 3) AND ((login_remember IS NOT NULL) AND (login_remember_for IS NOT NULL) AND (login_error IS NOT NULL) AND (acr IS NOT NULL) AND (login_was_used IS NOT NULL) AND (context IS NOT NULL) AND (amr IS NOT NULL))) OR ((state = 4) AND ((login_remember IS NOT NULL) AND (login_remember_for IS NOT NULL) AND (login_error IS NOT NULL) AND (acr IS NOT NULL) AND (login_was_used IS NOT NULL) AND (context IS NOT NULL) AND (amr IS NOT NULL) AND (consent_challenge_id IS NOT NULL) AND (consent_verifier IS NOT NULL) AND (consent_skip IS NOT NULL) AND (consent_csrf IS NOT NULL))) OR ((state = 5) AND ((login_remember IS NOT NULL) AND (login_remember_for IS NOT NULL) AND (login_error IS NOT NULL) AND (acr IS NOT NULL) AND (login_was_used IS NOT NULL) AND (context IS NOT NULL) AND (amr IS NOT NULL) AND (consent_challenge_id IS NOT NULL) AND (consent_verifier IS NOT NULL) AND (consent_skip IS NOT NULL) AND (consent_csrf IS NOT NULL))) OR ((state = 6) AND ((login_remember IS NOT NULL) AND (login_remember_for IS NOT NULL) AND (login_error IS NOT NULL) AND (acr IS NOT NULL) AND (login_was_used IS NOT NULL) AND (context IS NOT NULL) AND (amr IS NOT NULL) AND (consent_challenge_id IS NOT NULL) AND (consent_verifier IS NOT NULL) AND (consent_skip IS NOT NULL) AND (consent_csrf IS NOT NULL) AND (granted_scope IS NOT NULL) AND (consent_remember IS NOT NULL) AND (consent_remember_for IS NOT NULL) AND (consent_error IS NOT NULL) AND (session_access_token IS NOT NULL) AND (session_id_token IS NOT NULL) AND (consent_was_used IS NOT NULL)))))
);
CREATE TABLE hydra_oauth2_jti_blacklist (
    signature character varying(64) NOT NULL,
    expires_at timestamp without time zone DEFAULT now() NOT NULL,
    nid uuid NOT NULL
);
CREATE TABLE hydra_oauth2_logout_request (
    challenge character varying(36) NOT NULL,
    verifier character varying(36) NOT NULL,
    subject character varying(255) NOT NULL,
    sid character varying(36) NOT NULL,
    client_id character varying(255),
    request_url text NOT NULL,
    redir_url text NOT NULL,
    was_used boolean DEFAULT false NOT NULL,
    accepted boolean DEFAULT false NOT NULL,
    rejected boolean DEFAULT false NOT NULL,
    rp_initiated boolean DEFAULT false NOT NULL,
    nid uuid NOT NULL,
    expires_at timestamp without time zone,
    requested_at timestamp without time zone
);
CREATE TABLE hydra_oauth2_obfuscated_authentication_session (
    subject character varying(255) NOT NULL,
    client_id character varying(255) NOT NULL,
    subject_obfuscated character varying(255) NOT NULL,
    nid uuid NOT NULL
);
CREATE TABLE hydra_oauth2_oidc (
    signature character varying(255) NOT NULL,
    request_id character varying(40) NOT NULL,
    requested_at timestamp without time zone DEFAULT now() NOT NULL,
    client_id character varying(255) NOT NULL,
    scope text NOT NULL,
    granted_scope text NOT NULL,
    form_data text NOT NULL,
    session_data text NOT NULL,
    subject character varying(255) DEFAULT ''::character varying NOT NULL,
    active boolean DEFAULT true NOT NULL,
    requested_audience text DEFAULT ''::text,
    granted_audience text DEFAULT ''::text,
    challenge_id character varying(40),
    nid uuid NOT NULL,
    expires_at timestamp without time zone
);
CREATE TABLE hydra_oauth2_pkce (
    signature character varying(255) NOT NULL,
    request_id character varying(40) NOT NULL,
    requested_at timestamp without time zone DEFAULT now() NOT NULL,
    client_id character varying(255) NOT NULL,
    scope text NOT NULL,
    granted_scope text NOT NULL,
    form_data text NOT NULL,
    session_data text NOT NULL,
    subject character varying(255) NOT NULL,
    active boolean DEFAULT true NOT NULL,
    requested_audience text DEFAULT ''::text,
    granted_audience text DEFAULT ''::text,
    challenge_id character varying(40),
    nid uuid NOT NULL,
    expires_at timestamp without time zone
);
CREATE TABLE hydra_oauth2_refresh (
    signature character varying(255) NOT NULL,
    request_id character varying(40) NOT NULL,
    requested_at timestamp without time zone DEFAULT now() NOT NULL,
    client_id character varying(255) NOT NULL,
    scope text NOT NULL,
    granted_scope text NOT NULL,
    form_data text NOT NULL,
    session_data text NOT NULL,
    subject character varying(255) DEFAULT ''::character varying NOT NULL,
    active boolean DEFAULT true NOT NULL,
    requested_audience text DEFAULT ''::text,
    granted_audience text DEFAULT ''::text,
    challenge_id character varying(40),
    nid uuid NOT NULL,
    expires_at timestamp without time zone,
    first_used_at timestamp without time zone,
    access_token_signature character varying(255) DEFAULT NULL::character varying
);
CREATE TABLE hydra_oauth2_trusted_jwt_bearer_issuer (
    id uuid NOT NULL,
    issuer character varying(255) NOT NULL,
    subject character varying(255) NOT NULL,
    scope text NOT NULL,
    key_set character varying(255) NOT NULL,
    key_id character varying(255) NOT NULL,
    created_at timestamp without time zone DEFAULT now() NOT NULL,
    expires_at timestamp without time zone DEFAULT now() NOT NULL,
    nid uuid NOT NULL,
    allow_any_subject boolean DEFAULT false NOT NULL
);
CREATE TABLE networks (
    id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL
);
CREATE TABLE schema_migration (
    version character varying(48) NOT NULL,
    version_self integer DEFAULT 0 NOT NULL
);
ALTER TABLE ONLY hydra_client ALTER COLUMN pk_deprecated SET DEFAULT nextval('hydra_client_pk_seq'::regclass);
ALTER TABLE ONLY hydra_jwk ALTER COLUMN pk_deprecated SET DEFAULT nextval('hydra_jwk_pk_seq'::regclass);
INSERT INTO networks VALUES
	(gen_random_uuid(), '2013-10-07 08:23:19', '2013-10-07 08:23:19');
INSERT INTO schema_migration VALUES
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
SELECT pg_catalog.setval('hydra_client_pk_seq', 1, false);
SELECT pg_catalog.setval('hydra_jwk_pk_seq', 1, false);
CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration USING btree (version);
CREATE INDEX schema_migration_version_self_idx ON schema_migration USING btree (version_self);
ALTER TABLE ONLY networks
    ADD CONSTRAINT networks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY hydra_oauth2_authentication_session
    ADD CONSTRAINT hydra_oauth2_authentication_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY hydra_oauth2_logout_request
    ADD CONSTRAINT hydra_oauth2_logout_request_pkey PRIMARY KEY (challenge);
CREATE UNIQUE INDEX hydra_oauth2_logout_request_veri_idx ON hydra_oauth2_logout_request USING btree (verifier);
ALTER TABLE ONLY hydra_oauth2_access
    ADD CONSTRAINT hydra_oauth2_access_pkey PRIMARY KEY (signature);
ALTER TABLE ONLY hydra_oauth2_refresh
    ADD CONSTRAINT hydra_oauth2_refresh_pkey PRIMARY KEY (signature);
ALTER TABLE ONLY hydra_oauth2_code
    ADD CONSTRAINT hydra_oauth2_code_pkey PRIMARY KEY (signature);
ALTER TABLE ONLY hydra_oauth2_oidc
    ADD CONSTRAINT hydra_oauth2_oidc_pkey PRIMARY KEY (signature);
ALTER TABLE ONLY hydra_oauth2_pkce
    ADD CONSTRAINT hydra_oauth2_pkce_pkey PRIMARY KEY (signature);
ALTER TABLE ONLY hydra_jwk
    ADD CONSTRAINT hydra_jwk_pkey PRIMARY KEY (pk);
CREATE UNIQUE INDEX hydra_oauth2_flow_consent_challenge_idx ON hydra_oauth2_flow USING btree (consent_challenge_id);
ALTER TABLE ONLY hydra_oauth2_flow
    ADD CONSTRAINT hydra_oauth2_flow_pkey PRIMARY KEY (login_challenge);
ALTER TABLE ONLY hydra_oauth2_trusted_jwt_bearer_issuer
    ADD CONSTRAINT hydra_oauth2_trusted_jwt_bearer_issuer_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX hydra_client_idx_id_uq ON hydra_client USING btree (id, nid);
CREATE INDEX hydra_oauth2_access_requested_at_idx ON hydra_oauth2_access USING btree (requested_at, nid);
CREATE INDEX hydra_oauth2_access_client_id_idx ON hydra_oauth2_access USING btree (client_id, nid);
CREATE INDEX hydra_oauth2_access_challenge_id_idx ON hydra_oauth2_access USING btree (challenge_id);
CREATE INDEX hydra_oauth2_access_request_id_idx ON hydra_oauth2_access USING btree (request_id, nid);
CREATE INDEX hydra_oauth2_authentication_session_sub_idx ON hydra_oauth2_authentication_session USING btree (subject, nid);
CREATE INDEX hydra_oauth2_code_client_id_idx ON hydra_oauth2_code USING btree (client_id, nid);
CREATE INDEX hydra_oauth2_code_challenge_id_idx ON hydra_oauth2_code USING btree (challenge_id, nid);
CREATE INDEX hydra_oauth2_flow_client_id_subject_idx ON hydra_oauth2_flow USING btree (client_id, nid, subject);
CREATE INDEX hydra_oauth2_flow_cid_idx ON hydra_oauth2_flow USING btree (client_id, nid);
CREATE INDEX hydra_oauth2_flow_login_session_id_idx ON hydra_oauth2_flow USING btree (login_session_id, nid);
CREATE INDEX hydra_oauth2_flow_sub_idx ON hydra_oauth2_flow USING btree (subject, nid);
CREATE INDEX hydra_oauth2_jti_blacklist_expires_at_idx ON hydra_oauth2_jti_blacklist USING btree (expires_at, nid);
ALTER TABLE ONLY hydra_oauth2_jti_blacklist
    ADD CONSTRAINT hydra_oauth2_jti_blacklist_pkey PRIMARY KEY (signature, nid);
CREATE INDEX hydra_oauth2_logout_request_client_id_idx ON hydra_oauth2_logout_request USING btree (client_id, nid);
ALTER TABLE ONLY hydra_oauth2_obfuscated_authentication_session
    ADD CONSTRAINT hydra_oauth2_obfuscated_authentication_session_pkey PRIMARY KEY (subject, client_id, nid);
CREATE UNIQUE INDEX hydra_oauth2_obfuscated_authentication_session_so_idx ON hydra_oauth2_obfuscated_authentication_session USING btree (client_id, subject_obfuscated, nid);
CREATE INDEX hydra_oauth2_oidc_client_id_idx ON hydra_oauth2_oidc USING btree (client_id, nid);
CREATE INDEX hydra_oauth2_oidc_challenge_id_idx ON hydra_oauth2_oidc USING btree (challenge_id);
CREATE INDEX hydra_oauth2_pkce_client_id_idx ON hydra_oauth2_pkce USING btree (client_id, nid);
CREATE INDEX hydra_oauth2_pkce_challenge_id_idx ON hydra_oauth2_pkce USING btree (challenge_id);
CREATE INDEX hydra_oauth2_refresh_client_id_idx ON hydra_oauth2_refresh USING btree (client_id, nid);
CREATE INDEX hydra_oauth2_refresh_challenge_id_idx ON hydra_oauth2_refresh USING btree (challenge_id);
CREATE INDEX hydra_oauth2_refresh_request_id_idx ON hydra_oauth2_refresh USING btree (request_id);
CREATE UNIQUE INDEX hydra_jwk_sid_kid_nid_key ON hydra_jwk USING btree (sid, kid, nid);
ALTER TABLE ONLY hydra_oauth2_trusted_jwt_bearer_issuer
    ADD CONSTRAINT hydra_oauth2_trusted_jwt_bearer_issue_issuer_subject_key_id_key UNIQUE (issuer, subject, key_id, nid);
CREATE INDEX hydra_oauth2_trusted_jwt_bearer_issuer_expires_at_idx ON hydra_oauth2_trusted_jwt_bearer_issuer USING btree (expires_at);
CREATE INDEX hydra_oauth2_trusted_jwt_bearer_issuer_nid_idx ON hydra_oauth2_trusted_jwt_bearer_issuer USING btree (id, nid);
CREATE INDEX hydra_oauth2_refresh_requested_at_idx ON hydra_oauth2_refresh USING btree (nid, requested_at);
CREATE INDEX hydra_oauth2_flow_previous_consents_idx ON hydra_oauth2_flow USING btree (subject, client_id, nid, consent_skip, consent_error, consent_remember);
ALTER TABLE ONLY hydra_client
    ADD CONSTRAINT hydra_client_pkey PRIMARY KEY (id, nid);
CREATE INDEX hydra_jwk_nid_sid_created_at_idx ON hydra_jwk USING btree (nid, sid, created_at);
CREATE INDEX hydra_jwk_nid_sid_kid_created_at_idx ON hydra_jwk USING btree (nid, sid, kid, created_at);
ALTER TABLE ONLY hydra_oauth2_access
    ADD CONSTRAINT hydra_oauth2_access_challenge_id_fk FOREIGN KEY (challenge_id) REFERENCES hydra_oauth2_flow(consent_challenge_id) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_code
    ADD CONSTRAINT hydra_oauth2_code_challenge_id_fk FOREIGN KEY (challenge_id) REFERENCES hydra_oauth2_flow(consent_challenge_id) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_oidc
    ADD CONSTRAINT hydra_oauth2_oidc_challenge_id_fk FOREIGN KEY (challenge_id) REFERENCES hydra_oauth2_flow(consent_challenge_id) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_pkce
    ADD CONSTRAINT hydra_oauth2_pkce_challenge_id_fk FOREIGN KEY (challenge_id) REFERENCES hydra_oauth2_flow(consent_challenge_id) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_refresh
    ADD CONSTRAINT hydra_oauth2_refresh_challenge_id_fk FOREIGN KEY (challenge_id) REFERENCES hydra_oauth2_flow(consent_challenge_id) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_client
    ADD CONSTRAINT hydra_client_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_access
    ADD CONSTRAINT hydra_oauth2_access_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_access
    ADD CONSTRAINT hydra_oauth2_access_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_authentication_session
    ADD CONSTRAINT hydra_oauth2_authentication_session_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_code
    ADD CONSTRAINT hydra_oauth2_code_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_code
    ADD CONSTRAINT hydra_oauth2_code_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_flow
    ADD CONSTRAINT hydra_oauth2_flow_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_flow
    ADD CONSTRAINT hydra_oauth2_flow_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_jti_blacklist
    ADD CONSTRAINT hydra_oauth2_jti_blacklist_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_logout_request
    ADD CONSTRAINT hydra_oauth2_logout_request_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_logout_request
    ADD CONSTRAINT hydra_oauth2_logout_request_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_obfuscated_authentication_session
    ADD CONSTRAINT hydra_oauth2_obfuscated_authentication_session_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_obfuscated_authentication_session
    ADD CONSTRAINT hydra_oauth2_obfuscated_authentication_session_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_oidc
    ADD CONSTRAINT hydra_oauth2_oidc_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_oidc
    ADD CONSTRAINT hydra_oauth2_oidc_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_pkce
    ADD CONSTRAINT hydra_oauth2_pkce_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_pkce
    ADD CONSTRAINT hydra_oauth2_pkce_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_refresh
    ADD CONSTRAINT hydra_oauth2_refresh_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_refresh
    ADD CONSTRAINT hydra_oauth2_refresh_client_id_fk FOREIGN KEY (client_id, nid) REFERENCES hydra_client(id, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_jwk
    ADD CONSTRAINT hydra_jwk_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_trusted_jwt_bearer_issuer
    ADD CONSTRAINT hydra_oauth2_trusted_jwt_bearer_issuer_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_trusted_jwt_bearer_issuer
    ADD CONSTRAINT hydra_oauth2_trusted_jwt_bearer_issuer_key_set_fkey FOREIGN KEY (key_set, key_id, nid) REFERENCES hydra_jwk(sid, kid, nid) ON DELETE CASCADE;
ALTER TABLE ONLY hydra_oauth2_flow
    ADD CONSTRAINT hydra_oauth2_flow_login_session_id_fk FOREIGN KEY (login_session_id) REFERENCES hydra_oauth2_authentication_session(id) ON DELETE SET NULL;
