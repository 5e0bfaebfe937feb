-- The schema of Ory Kratos (Apache License 2.0) on postgres, made by "make baseline" from
-- its 325 migrations. Do not edit.
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE continuity_containers (
    id uuid NOT NULL,
    identity_id uuid,
    name character varying(255) NOT NULL,
    payload jsonb,
    expires_at timestamp without time zone NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid
);
CREATE TABLE courier_message_dispatches (
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    status character varying(7) NOT NULL,
    error json,
    nid uuid NOT NULL,
    created_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE TABLE courier_messages (
    id uuid NOT NULL,
    type integer NOT NULL,
    status integer NOT NULL,
    body text NOT NULL,
    subject character varying(255) NOT NULL,
    recipient character varying(255) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    template_type character varying(255) DEFAULT ''::character varying NOT NULL,
    template_data bytea,
    nid uuid,
    send_count integer DEFAULT 0 NOT NULL,
    channel character varying(32)
);
CREATE TABLE identities (
    id uuid NOT NULL,
    schema_id character varying(2048) NOT NULL,
    traits jsonb NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid,
    state character varying(255) DEFAULT 'active'::character varying NOT NULL,
    state_changed_at timestamp without time zone,
    metadata_public jsonb,
    metadata_admin jsonb,
    available_aal character varying(4),
    organization_id uuid
);
CREATE TABLE identity_credential_identifiers (
    id uuid NOT NULL,
    identifier character varying(255) NOT NULL,
    identity_credential_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid,
    identity_credential_type_id uuid NOT NULL
);
CREATE TABLE identity_credential_types (
    id uuid NOT NULL,
    name character varying(32) NOT NULL
);
CREATE TABLE identity_credentials (
    id uuid NOT NULL,
    config jsonb NOT NULL,
    identity_credential_type_id uuid NOT NULL,
    identity_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid,
    version integer DEFAULT 0 NOT NULL
);
CREATE TABLE identity_login_codes (
    id uuid NOT NULL,
    code character varying(64) NOT NULL,
    address character varying(255) NOT NULL,
    address_type character(36) NOT NULL,
    used_at timestamp without time zone,
    expires_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    issued_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    selfservice_login_flow_id uuid NOT NULL,
    identity_id uuid NOT NULL,
    created_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    nid uuid NOT NULL
);
CREATE TABLE identity_recovery_addresses (
    id uuid NOT NULL,
    via character varying(16) NOT NULL,
    value character varying(400) NOT NULL,
    identity_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid
);
CREATE TABLE identity_recovery_codes (
    id uuid NOT NULL,
    code character varying(64) NOT NULL,
    used_at timestamp without time zone,
    identity_recovery_address_id uuid,
    code_type integer NOT NULL,
    expires_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    issued_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    selfservice_recovery_flow_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid NOT NULL,
    identity_id uuid NOT NULL
);
CREATE TABLE identity_recovery_tokens (
    id uuid NOT NULL,
    token character varying(64) NOT NULL,
    used boolean DEFAULT false NOT NULL,
    used_at timestamp without time zone,
    identity_recovery_address_id uuid,
    selfservice_recovery_flow_id uuid,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    expires_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    issued_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    nid uuid,
    identity_id uuid NOT NULL,
    token_type integer DEFAULT 0 NOT NULL,
    CONSTRAINT identity_recovery_tokens_token_type_ck CHECK (((token_type = 1) OR (token_type = 2)))
);
CREATE TABLE identity_registration_codes (
    id uuid NOT NULL,
    code character varying(64) NOT NULL,
    address character varying(255) NOT NULL,
    address_type character(36) NOT NULL,
    used_at timestamp without time zone,
    expires_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    issued_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    selfservice_registration_flow_id uuid NOT NULL,
    created_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    nid uuid NOT NULL
);
CREATE TABLE identity_verifiable_addresses (
    id uuid NOT NULL,
    status character varying(16) NOT NULL,
    via character varying(16) NOT NULL,
    verified boolean NOT NULL,
    value character varying(400) NOT NULL,
    verified_at timestamp without time zone,
    identity_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid
);
CREATE TABLE identity_verification_codes (
    id uuid NOT NULL,
    code_hmac character varying(64) NOT NULL,
    used_at timestamp without time zone,
    identity_verifiable_address_id uuid,
    expires_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    issued_at timestamp without time zone DEFAULT '2000-01-01 00:00:00'::timestamp without time zone NOT NULL,
    selfservice_verification_flow_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid NOT NULL
);
CREATE TABLE identity_verification_tokens (
    id uuid NOT NULL,
    token character varying(64) NOT NULL,
    used boolean DEFAULT false NOT NULL,
    used_at timestamp without time zone,
    expires_at timestamp without time zone NOT NULL,
    issued_at timestamp without time zone NOT NULL,
    identity_verifiable_address_id uuid NOT NULL,
    selfservice_verification_flow_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    nid uuid
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
CREATE TABLE selfservice_errors (
    id uuid NOT NULL,
    errors jsonb NOT NULL,
    seen_at timestamp without time zone,
    was_seen boolean NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    csrf_token character varying(255) DEFAULT ''::character varying NOT NULL,
    nid uuid
);
CREATE TABLE selfservice_login_flows (
    id uuid NOT NULL,
    request_url text NOT NULL,
    issued_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    active_method character varying(32) NOT NULL,
    csrf_token character varying(255) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    forced boolean DEFAULT false NOT NULL,
    type character varying(16) DEFAULT 'browser'::character varying NOT NULL,
    ui jsonb,
    nid uuid,
    requested_aal character varying(4) DEFAULT 'aal1'::character varying NOT NULL,
    internal_context jsonb NOT NULL,
    oauth2_login_challenge uuid,
    oauth2_login_challenge_data text,
    state character varying(255),
    submit_count integer DEFAULT 0 NOT NULL,
    organization_id uuid
);
CREATE TABLE selfservice_recovery_flows (
    id uuid NOT NULL,
    request_url text NOT NULL,
    issued_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    active_method character varying(32),
    csrf_token character varying(255) NOT NULL,
    state character varying(32) NOT NULL,
    recovered_identity_id uuid,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    type character varying(16) DEFAULT 'browser'::character varying NOT NULL,
    ui jsonb,
    nid uuid,
    submit_count integer DEFAULT 0 NOT NULL,
    skip_csrf_check boolean DEFAULT false NOT NULL
);
CREATE TABLE selfservice_registration_flows (
    id uuid NOT NULL,
    request_url text NOT NULL,
    issued_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    active_method character varying(32) NOT NULL,
    csrf_token character varying(255) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    type character varying(16) DEFAULT 'browser'::character varying NOT NULL,
    ui jsonb,
    nid uuid,
    internal_context jsonb NOT NULL,
    oauth2_login_challenge uuid,
    oauth2_login_challenge_data text,
    state character varying(255),
    submit_count integer DEFAULT 0 NOT NULL,
    organization_id uuid
);
CREATE TABLE selfservice_settings_flows (
    id uuid NOT NULL,
    request_url text NOT NULL,
    issued_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    identity_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    active_method character varying(32),
    state character varying(255) DEFAULT 'show_form'::character varying NOT NULL,
    type character varying(16) DEFAULT 'browser'::character varying NOT NULL,
    ui jsonb,
    nid uuid,
    internal_context jsonb NOT NULL
);
CREATE TABLE selfservice_verification_flows (
    id uuid NOT NULL,
    request_url text NOT NULL,
    issued_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    csrf_token character varying(255) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    type character varying(16) DEFAULT 'browser'::character varying NOT NULL,
    state character varying(255) DEFAULT 'show_form'::character varying NOT NULL,
    active_method character varying(32),
    ui jsonb,
    nid uuid,
    submit_count integer DEFAULT 0 NOT NULL,
    oauth2_login_challenge text,
    session_id uuid,
    identity_id uuid,
    authentication_methods json
);
CREATE TABLE session_devices (
    id uuid NOT NULL,
    ip_address character varying(50) DEFAULT ''::character varying,
    user_agent character varying(512) DEFAULT ''::character varying,
    location character varying(512) DEFAULT ''::character varying,
    nid uuid NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL
);
CREATE TABLE session_token_exchanges (
    id uuid NOT NULL,
    nid uuid NOT NULL,
    flow_id uuid NOT NULL,
    session_id uuid,
    init_code character varying(64) NOT NULL,
    return_to_code character varying(64) NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL
);
CREATE TABLE sessions (
    id uuid NOT NULL,
    issued_at timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    authenticated_at timestamp without time zone NOT NULL,
    identity_id uuid NOT NULL,
    created_at timestamp without time zone NOT NULL,
    updated_at timestamp without time zone NOT NULL,
    token character varying(39),
    active boolean DEFAULT false,
    nid uuid,
    logout_token character varying(39),
    aal character varying(4) DEFAULT 'aal1'::character varying NOT NULL,
    authentication_methods jsonb NOT NULL
);
INSERT INTO identity_credential_types VALUES
	('78c1b41d-8341-4507-aa60-aff1d4369670', 'password'),
	('6fa5e2e0-bfce-4631-b62b-cf2b0252b289', 'oidc'),
	('5e29b036-aa47-457f-9fe6-aa8b854a752b', 'totp'),
	('567a0730-7f48-4dd7-a13d-df87a51c245f', 'lookup_secret'),
	('6b213fa0-e6ad-46cb-8878-b088d2ce2e3c', 'webauthn'),
	('14f3b7e2-8725-4068-be39-8a796485fd97', 'code'),
	('8d0ca544-9bf6-45d3-bd75-0bbb3aeba3c7', 'passkey');
INSERT INTO schema_migration VALUES
	('20150100000001000000', 0),
	('20191100000001000000', 0),
	('20191100000001000001', 0),
	('20191100000001000002', 0),
	('20191100000001000003', 0),
	('20191100000001000004', 0),
	('20191100000001000005', 0),
	('20191100000002000000', 0),
	('20191100000002000001', 0),
	('20191100000002000002', 0),
	('20191100000002000003', 0),
	('20191100000002000004', 0),
	('20191100000003000000', 0),
	('20191100000004000000', 0),
	('20191100000006000000', 0),
	('20191100000007000000', 0),
	('20191100000008000000', 0),
	('20191100000008000001', 0),
	('20191100000008000002', 0),
	('20191100000008000003', 0),
	('20191100000008000004', 0),
	('20191100000008000005', 0),
	('20191100000010000000', 0),
	('20191100000010000001', 0),
	('20191100000011000000', 0),
	('20191100000012000000', 0),
	('20200317160354000000', 0),
	('20200317160354000001', 0),
	('20200317160354000002', 0),
	('20200317160354000003', 0),
	('20200317160354000004', 0),
	('20200401183443000000', 0),
	('20200402142539000000', 0),
	('20200402142539000001', 0),
	('20200402142539000002', 0),
	('20200519101057000000', 0),
	('20200519101057000001', 0),
	('20200519101057000002', 0),
	('20200519101057000003', 0),
	('20200519101057000004', 0),
	('20200519101057000005', 0),
	('20200519101057000006', 0),
	('20200519101057000007', 0),
	('20200601101000000000', 0),
	('20200605111551000000', 0),
	('20200605111551000001', 0),
	('20200605111551000002', 0),
	('20200607165100000000', 0),
	('20200607165100000001', 0),
	('20200705105359000000', 0),
	('20200810141652000000', 0),
	('20200810141652000001', 0),
	('20200810141652000002', 0),
	('20200810141652000003', 0),
	('20200810141652000004', 0),
	('20200810161022000000', 0),
	('20200810161022000001', 0),
	('20200810161022000002', 0),
	('20200810161022000003', 0),
	('20200810161022000004', 0),
	('20200810161022000005', 0),
	('20200810161022000006', 0),
	('20200810161022000007', 0),
	('20200810161022000008', 0),
	('20200810162450000000', 0),
	('20200810162450000001', 0),
	('20200810162450000002', 0),
	('20200810162450000003', 0),
	('20200812124254000000', 0),
	('20200812124254000001', 0),
	('20200812124254000002', 0),
	('20200812124254000003', 0),
	('20200812124254000004', 0),
	('20200812160551000000', 0),
	('20200830121710000000', 0),
	('20200830130642000000', 0),
	('20200830130642000001', 0),
	('20200830130642000002', 0),
	('20200830130642000003', 0),
	('20200830130642000004', 0),
	('20200830130642000005', 0),
	('20200830130642000006', 0),
	('20200830130642000007', 0),
	('20200830130643000000', 0),
	('20200830130644000000', 0),
	('20200830130644000001', 0),
	('20200830130645000000', 0),
	('20200830130646000000', 0),
	('20200830130646000001', 0),
	('20200830130646000002', 0),
	('20200830154602000000', 0),
	('20200830154602000001', 0),
	('20200830154602000002', 0),
	('20200830154602000003', 0),
	('20200830154602000004', 0),
	('20200830172221000000', 0),
	('20200830172221000001', 0),
	('20200830172221000002', 0),
	('20200830172221000003', 0),
	('20200831110752000000', 0),
	('20200831110752000001', 0),
	('20200831110752000002', 0),
	('20200831110752000003', 0),
	('20200831110752000004', 0),
	('20200831110752000005', 0),
	('20200831110752000006', 0),
	('20200831110752000007', 0),
	('20201201161451000000', 0),
	('20201201161451000001', 0),
	('20210307130558000000', 0),
	('20210307130559000000', 0),
	('20210307130559000001', 0),
	('20210311102338000000', 0),
	('20210311102338000001', 0),
	('20210311102338000002', 0),
	('20210311102338000003', 0),
	('20210311102338000004', 0),
	('20210311102338000005', 0),
	('20210311102338000006', 0),
	('20210311102338000007', 0),
	('20210311102338000008', 0),
	('20210311102338000009', 0),
	('20210311102338000010', 0),
	('20210311102338000011', 0),
	('20210311102338000012', 0),
	('20210311102338000013', 0),
	('20210311102338000014', 0),
	('20210311102338000015', 0),
	('20210311102338000016', 0),
	('20210311102338000017', 0),
	('20210311102338000018', 0),
	('20210311102338000019', 0),
	('20210311102338000020', 0),
	('20210311102338000021', 0),
	('20210311102338000022', 0),
	('20210311102338000023', 0),
	('20210311102338000024', 0),
	('20210410175418000000', 0),
	('20210410175418000001', 0),
	('20210410175418000002', 0),
	('20210410175418000003', 0),
	('20210410175418000004', 0),
	('20210410175418000005', 0),
	('20210410175418000006', 0),
	('20210410175418000007', 0),
	('20210410175418000008', 0),
	('20210410175418000009', 0),
	('20210410175418000010', 0),
	('20210410175418000011', 0),
	('20210410175418000012', 0),
	('20210410175418000013', 0),
	('20210410175418000014', 0),
	('20210410175418000015', 0),
	('20210410175418000016', 0),
	('20210410175418000017', 0),
	('20210410175418000018', 0),
	('20210410175418000019', 0),
	('20210410175418000020', 0),
	('20210410175418000021', 0),
	('20210410175418000022', 0),
	('20210410175418000023', 0),
	('20210410175418000024', 0),
	('20210410175418000025', 0),
	('20210410175418000026', 0),
	('20210410175418000027', 0),
	('20210410175418000028', 0),
	('20210410175418000029', 0),
	('20210410175418000030', 0),
	('20210410175418000031', 0),
	('20210410175418000032', 0),
	('20210410175418000033', 0),
	('20210410175418000034', 0),
	('20210410175418000035', 0),
	('20210410175418000036', 0),
	('20210410175418000037', 0),
	('20210410175418000038', 0),
	('20210410175418000039', 0),
	('20210410175418000040', 0),
	('20210410175418000041', 0),
	('20210410175418000042', 0),
	('20210410175418000043', 0),
	('20210410175418000044', 0),
	('20210410175418000045', 0),
	('20210410175418000046', 0),
	('20210410175418000047', 0),
	('20210410175418000048', 0),
	('20210410175418000049', 0),
	('20210410175418000050', 0),
	('20210410175418000051', 0),
	('20210410175418000052', 0),
	('20210410175418000053', 0),
	('20210410175418000054', 0),
	('20210410175418000055', 0),
	('20210410175418000056', 0),
	('20210410175418000057', 0),
	('20210410175418000058', 0),
	('20210410175418000059', 0),
	('20210410175418000060', 0),
	('20210410175418000061', 0),
	('20210410175418000062', 0),
	('20210410175418000063', 0),
	('20210410175418000064', 0),
	('20210410175418000065', 0),
	('20210410175418000066', 0),
	('20210410175418000067', 0),
	('20210410175418000068', 0),
	('20210410175418000069', 0),
	('20210410175418000070', 0),
	('20210410175418000071', 0),
	('20210410175418000072', 0),
	('20210410175418000073', 0),
	('20210410175418000074', 0),
	('20210410175418000075', 0),
	('20210410175418000076', 0),
	('20210410175418000077', 0),
	('20210410175418000078', 0),
	('20210410175418000079', 0),
	('20210410175418000080', 0),
	('20210410175418000081', 0),
	('20210410175418000082', 0),
	('20210410175418000083', 0),
	('20210410175418000084', 0),
	('20210410175418000085', 0),
	('20210410175418000086', 0),
	('20210410175418000087', 0),
	('20210410175418000088', 0),
	('20210410175418000089', 0),
	('20210504121624000000', 0),
	('20210504121624000001', 0),
	('20210618103120000000', 0),
	('20210618103120000001', 0),
	('20210618103120000002', 0),
	('20210618103120000003', 0),
	('20210618103120000004', 0),
	('20210805112414000000', 0),
	('20210805112414000001', 0),
	('20210805112414000002', 0),
	('20210805122535000000', 0),
	('20210810153530000000', 0),
	('20210810153530000001', 0),
	('20210810153530000002', 0),
	('20210810153530000003', 0),
	('20210810153530000004', 0),
	('20210813150152000000', 0),
	('20210816113956000000', 0),
	('20210816142650000000', 0),
	('20210816142650000001', 0),
	('20210816142650000002', 0),
	('20210816142650000003', 0),
	('20210816142650000004', 0),
	('20210816142650000005', 0),
	('20210817181232000000', 0),
	('20210817181232000001', 0),
	('20210817181232000002', 0),
	('20210817181232000003', 0),
	('20210817181232000004', 0),
	('20210817181232000005', 0),
	('20210829131458000000', 0),
	('20210913095309000000', 0),
	('20210913095309000001', 0),
	('20210913095309000002', 0),
	('20210913095309000003', 0),
	('20210913095309000004', 0),
	('20220118104539000000', 0),
	('20220118104539000001', 0),
	('20220118104539000002', 0),
	('20220118104539000003', 0),
	('20220301102701000000', 0),
	('20220301102701000001', 0),
	('20220420102701000000', 0),
	('20220512102703000000', 0),
	('20220607000001000000', 0),
	('20220610155809000000', 0),
	('20220802103909000000', 0),
	('20220824165300000000', 0),
	('20220824165300000001', 0),
	('20220824165300000002', 0),
	('20220825134336000000', 0),
	('20220825134336000001', 0),
	('20220901123209000000', 0),
	('20220907132836000000', 0),
	('20221024182336000000', 0),
	('20221205092803000000', 0),
	('20221214101328000000', 0),
	('20221220124639000000', 0),
	('20230104193739000000', 0),
	('20230216142104000000', 0),
	('20230313141439000000', 0),
	('20230313141439000001', 0),
	('20230322144139000001', 0),
	('20230405000000000001', 0),
	('20230614000001000000', 0),
	('20230619000000000001', 0),
	('20230626000000000001', 0),
	('20230703143600000001', 0),
	('20230705000000000001', 0),
	('20230706000000000001', 0),
	('20230707133700000000', 0),
	('20230707133700000001', 0),
	('20230712173852000000', 0),
	('20230811000000000001', 0),
	('20230818000000000001', 0),
	('20230823000000000001', 0),
	('20230907085000000000', 0),
	('20230920171028000000', 0),
	('20231108111100000000', 0),
	('20231130094628000000', 0),
	('20240119094628000000', 0),
	('20240213095000000000', 0),
	('20240214113828000000', 0),
	('20240221000000000000', 0),
	('20240318143139000000', 0),
	('20240325153839000000', 0),
	('20240425095000000000', 0),
	('20240425095000000001', 0),
	('20240923095000000001', 0),
	('20241023142500000001', 0),
	('20241023142500000002', 0),
	('20241023142500000003', 0),
	('20241029102200000001', 0),
	('20241029153900000001', 0),
	('20241031094100000001', 0),
	('20241031094100000002', 0),
	('20241106142200000001', 0),
	('20241106142200000002', 0);
CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration USING btree (version);
CREATE INDEX schema_migration_version_self_idx ON schema_migration USING btree (version_self);
ALTER TABLE ONLY networks
    ADD CONSTRAINT networks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identity_credential_types
    ADD CONSTRAINT identity_credential_types_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX identity_credential_types_name_idx ON identity_credential_types USING btree (name);
ALTER TABLE ONLY identity_credentials
    ADD CONSTRAINT identity_credentials_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identity_credential_identifiers
    ADD CONSTRAINT identity_credential_identifiers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY selfservice_login_flows
    ADD CONSTRAINT selfservice_login_requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY selfservice_registration_flows
    ADD CONSTRAINT selfservice_registration_requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY selfservice_settings_flows
    ADD CONSTRAINT selfservice_profile_management_requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY selfservice_errors
    ADD CONSTRAINT selfservice_errors_pkey PRIMARY KEY (id);
ALTER TABLE ONLY courier_messages
    ADD CONSTRAINT courier_messages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identity_verifiable_addresses
    ADD CONSTRAINT identity_verifiable_addresses_pkey PRIMARY KEY (id);
ALTER TABLE ONLY selfservice_verification_flows
    ADD CONSTRAINT selfservice_verification_requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY continuity_containers
    ADD CONSTRAINT continuity_containers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identity_recovery_addresses
    ADD CONSTRAINT identity_recovery_addresses_pkey PRIMARY KEY (id);
ALTER TABLE ONLY selfservice_recovery_flows
    ADD CONSTRAINT selfservice_recovery_requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identity_recovery_tokens
    ADD CONSTRAINT identity_recovery_tokens_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX identity_recovery_addresses_code_uq_idx ON identity_recovery_tokens USING btree (token);
ALTER TABLE ONLY identity_verification_tokens
    ADD CONSTRAINT identity_verification_tokens_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX identity_verification_tokens_token_uq_idx ON identity_verification_tokens USING btree (token);
CREATE INDEX identity_verification_tokens_verifiable_address_id_idx ON identity_verification_tokens USING btree (identity_verifiable_address_id);
CREATE INDEX identity_verification_tokens_verification_flow_id_idx ON identity_verification_tokens USING btree (selfservice_verification_flow_id);
CREATE UNIQUE INDEX identity_recovery_addresses_status_via_uq_idx ON identity_recovery_addresses USING btree (nid, via, value);
CREATE UNIQUE INDEX identity_verifiable_addresses_status_via_uq_idx ON identity_verifiable_addresses USING btree (nid, via, value);
CREATE UNIQUE INDEX identity_credential_identifiers_identifier_nid_type_uq_idx ON identity_credential_identifiers USING btree (nid, identity_credential_type_id, identifier);
CREATE INDEX identities_nid_id_idx ON identities USING btree (nid, id);
CREATE INDEX identity_recovery_tokens_selfservice_recovery_flow_id_idx ON identity_recovery_tokens USING btree (selfservice_recovery_flow_id);
CREATE INDEX identity_recovery_tokens_identity_recovery_address_id_idx ON identity_recovery_tokens USING btree (identity_recovery_address_id);
ALTER TABLE ONLY identity_recovery_codes
    ADD CONSTRAINT identity_recovery_codes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY session_devices
    ADD CONSTRAINT session_devices_pkey PRIMARY KEY (id);
ALTER TABLE ONLY session_devices
    ADD CONSTRAINT unique_session_device UNIQUE (nid, session_id, ip_address, user_agent);
ALTER TABLE ONLY identity_verification_codes
    ADD CONSTRAINT identity_verification_codes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY courier_message_dispatches
    ADD CONSTRAINT courier_message_dispatches_pkey PRIMARY KEY (id);
CREATE INDEX courier_messages_nid_status_created_at_id_idx ON courier_messages USING btree (nid, status, created_at DESC);
CREATE INDEX courier_messages_nid_recipient_created_at_id_idx ON courier_messages USING btree (nid, recipient, created_at DESC);
CREATE UNIQUE INDEX sessions_token_uq_idx ON sessions USING btree (token);
CREATE UNIQUE INDEX sessions_logout_token_uq_idx ON sessions USING btree (logout_token);
CREATE INDEX identity_credential_identifiers_nid_i_ici_idx ON identity_credential_identifiers USING btree (nid, identifier, identity_credential_id);
ALTER TABLE ONLY session_token_exchanges
    ADD CONSTRAINT session_token_exchanges_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identity_login_codes
    ADD CONSTRAINT identity_login_codes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY identity_registration_codes
    ADD CONSTRAINT identity_registration_codes_pkey PRIMARY KEY (id);
CREATE INDEX courier_message_dispatches_message_id_idx ON courier_message_dispatches USING btree (message_id, created_at DESC);
CREATE INDEX courier_message_dispatches_nid_idx ON courier_message_dispatches USING btree (nid);
CREATE INDEX identity_login_codes_identity_id_idx ON identity_login_codes USING btree (identity_id);
CREATE INDEX identity_login_codes_flow_id_idx ON identity_login_codes USING btree (selfservice_login_flow_id);
CREATE INDEX identity_registration_codes_flow_id_idx ON identity_registration_codes USING btree (selfservice_registration_flow_id);
CREATE INDEX identity_recovery_codes_flow_id_idx ON identity_recovery_codes USING btree (selfservice_recovery_flow_id);
CREATE INDEX identity_verification_codes_flow_id_idx ON identity_verification_codes USING btree (selfservice_verification_flow_id);
CREATE INDEX identities_nid_organization_id_idx ON identities USING btree (organization_id);
CREATE INDEX identity_credentials_identity_id_idx ON identity_credentials USING btree (identity_id);
CREATE INDEX identity_credentials_nid_idx ON identity_credentials USING btree (nid);
CREATE INDEX sessions_list_idx ON sessions USING btree (nid, created_at DESC, id);
CREATE INDEX sessions_list_active_idx ON sessions USING btree (nid, expires_at, active, created_at DESC, id);
CREATE INDEX sessions_list_identity_idx ON sessions USING btree (identity_id, nid, created_at DESC);
CREATE INDEX identity_credential_identifiers_identity_credential_id_idx ON identity_credential_identifiers USING btree (identity_credential_id);
CREATE INDEX selfservice_login_flows_nid_idx ON selfservice_login_flows USING btree (nid);
CREATE INDEX selfservice_errors_nid_idx ON selfservice_errors USING btree (nid);
CREATE INDEX selfservice_recovery_flows_recovered_identity_id_idx ON selfservice_recovery_flows USING btree (recovered_identity_id);
CREATE INDEX selfservice_recovery_flows_nid_idx ON selfservice_recovery_flows USING btree (nid);
CREATE INDEX selfservice_registration_flows_nid_idx ON selfservice_registration_flows USING btree (nid);
CREATE INDEX selfservice_settings_flows_nid_idx ON selfservice_settings_flows USING btree (nid);
CREATE INDEX selfservice_settings_flows_identity_id_idx ON selfservice_settings_flows USING btree (identity_id);
CREATE INDEX selfservice_verification_flows_nid_idx ON selfservice_verification_flows USING btree (nid);
CREATE INDEX identity_recovery_addresses_identity_id_idx ON identity_recovery_addresses USING btree (identity_id);
CREATE INDEX identity_verifiable_addresses_identity_id_idx ON identity_verifiable_addresses USING btree (identity_id);
CREATE INDEX session_devices_nid_idx ON session_devices USING btree (nid);
CREATE INDEX session_devices_session_id_idx ON session_devices USING btree (session_id);
CREATE INDEX session_token_exchanges_flow_id_nid_init_code_idx ON session_token_exchanges USING btree (flow_id, nid, init_code);
CREATE INDEX session_token_exchanges_nid_init_code_idx ON session_token_exchanges USING btree (nid, init_code);
CREATE INDEX courier_messages_status_id_idx ON courier_messages USING btree (status, id);
CREATE INDEX courier_messages_nid_id_created_at_idx ON courier_messages USING btree (nid, id, created_at DESC);
CREATE INDEX continuity_containers_identity_id_idx ON continuity_containers USING btree (identity_id);
CREATE INDEX continuity_containers_nid_idx ON continuity_containers USING btree (nid);
CREATE INDEX identity_verification_codes_identity_verifiable_address_id_idx ON identity_verification_codes USING btree (identity_verifiable_address_id);
CREATE INDEX identity_verification_codes_nid_idx ON identity_verification_codes USING btree (nid);
CREATE INDEX identity_verification_tokens_nid_idx ON identity_verification_tokens USING btree (nid);
CREATE INDEX identity_registration_codes_nid_idx ON identity_registration_codes USING btree (nid);
CREATE INDEX identity_recovery_tokens_identity_id_idx ON identity_recovery_tokens USING btree (identity_id);
CREATE INDEX identity_recovery_tokens_nid_idx ON identity_recovery_tokens USING btree (nid);
CREATE INDEX identity_recovery_codes_identity_recovery_address_id_idx ON identity_recovery_codes USING btree (identity_recovery_address_id);
CREATE INDEX identity_recovery_codes_identity_id_idx ON identity_recovery_codes USING btree (identity_id);
CREATE INDEX identity_recovery_codes_nid_idx ON identity_recovery_codes USING btree (nid);
CREATE INDEX identity_login_codes_nid_idx ON identity_login_codes USING btree (nid);
CREATE INDEX identity_credential_identifiers_nid_ici_i_idx ON identity_credential_identifiers USING btree (nid, identity_credential_id, identifier);
CREATE INDEX identity_credential_identifiers_ici_nid_i_idx ON identity_credential_identifiers USING btree (identity_credential_id, nid, identifier);
ALTER TABLE ONLY identity_credentials
    ADD CONSTRAINT identity_credentials_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_credentials
    ADD CONSTRAINT identity_credentials_identity_credential_type_id_fkey FOREIGN KEY (identity_credential_type_id) REFERENCES identity_credential_types(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_credential_identifiers
    ADD CONSTRAINT identity_credential_identifiers_identity_credential_id_fkey FOREIGN KEY (identity_credential_id) REFERENCES identity_credentials(id) ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_settings_flows
    ADD CONSTRAINT selfservice_profile_management_requests_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_verifiable_addresses
    ADD CONSTRAINT identity_verifiable_addresses_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY continuity_containers
    ADD CONSTRAINT continuity_containers_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_addresses
    ADD CONSTRAINT identity_recovery_addresses_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_recovery_flows
    ADD CONSTRAINT selfservice_recovery_requests_recovered_identity_id_fkey FOREIGN KEY (recovered_identity_id) REFERENCES identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_verification_tokens
    ADD CONSTRAINT identity_verification_tokens_identity_verifiable_address_i_fkey FOREIGN KEY (identity_verifiable_address_id) REFERENCES identity_verifiable_addresses(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_verification_tokens
    ADD CONSTRAINT identity_verification_tokens_selfservice_verification_flow_fkey FOREIGN KEY (selfservice_verification_flow_id) REFERENCES selfservice_verification_flows(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_tokens
    ADD CONSTRAINT identity_recovery_tokens_selfservice_recovery_request_id_fkey FOREIGN KEY (selfservice_recovery_flow_id) REFERENCES selfservice_recovery_flows(id) ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_login_flows
    ADD CONSTRAINT selfservice_login_flows_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_registration_flows
    ADD CONSTRAINT selfservice_registration_flows_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_settings_flows
    ADD CONSTRAINT selfservice_settings_flows_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_errors
    ADD CONSTRAINT selfservice_errors_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY continuity_containers
    ADD CONSTRAINT continuity_containers_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY courier_messages
    ADD CONSTRAINT courier_messages_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identities
    ADD CONSTRAINT identities_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_credentials
    ADD CONSTRAINT identity_credentials_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_credential_identifiers
    ADD CONSTRAINT identity_credential_identifiers_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_recovery_flows
    ADD CONSTRAINT selfservice_recovery_flows_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_addresses
    ADD CONSTRAINT identity_recovery_addresses_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_tokens
    ADD CONSTRAINT identity_recovery_tokens_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY selfservice_verification_flows
    ADD CONSTRAINT selfservice_verification_flows_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_verifiable_addresses
    ADD CONSTRAINT identity_verifiable_addresses_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_verification_tokens
    ADD CONSTRAINT identity_verification_tokens_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_nid_fk_idx FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_credential_identifiers
    ADD CONSTRAINT identity_credential_identifiers_type_id_fk_idx FOREIGN KEY (identity_credential_type_id) REFERENCES identity_credential_types(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_tokens
    ADD CONSTRAINT identity_recovery_tokens_identity_recovery_address_id_fkey FOREIGN KEY (identity_recovery_address_id) REFERENCES identity_recovery_addresses(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_tokens
    ADD CONSTRAINT identity_recovery_tokens_identity_id_fk_idx FOREIGN KEY (identity_id) REFERENCES identities(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_codes
    ADD CONSTRAINT identity_recovery_codes_identity_recovery_addresses_id_fk FOREIGN KEY (identity_recovery_address_id) REFERENCES identity_recovery_addresses(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_codes
    ADD CONSTRAINT identity_recovery_codes_selfservice_recovery_flows_id_fk FOREIGN KEY (selfservice_recovery_flow_id) REFERENCES selfservice_recovery_flows(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_codes
    ADD CONSTRAINT identity_recovery_codes_identity_id_fk FOREIGN KEY (identity_id) REFERENCES identities(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_recovery_codes
    ADD CONSTRAINT identity_recovery_codes_networks_id_fk FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY session_devices
    ADD CONSTRAINT session_metadata_sessions_id_fk FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;
ALTER TABLE ONLY session_devices
    ADD CONSTRAINT session_metadata_nid_fk FOREIGN KEY (nid) REFERENCES networks(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_verification_codes
    ADD CONSTRAINT identity_verification_codes_identity_verifiable_addresses_id_fk FOREIGN KEY (identity_verifiable_address_id) REFERENCES identity_verifiable_addresses(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_verification_codes
    ADD CONSTRAINT identity_verification_codes_selfservice_verification_flows_id_f FOREIGN KEY (selfservice_verification_flow_id) REFERENCES selfservice_verification_flows(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_verification_codes
    ADD CONSTRAINT identity_verification_codes_networks_id_fk FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY courier_message_dispatches
    ADD CONSTRAINT courier_message_dispatches_message_id_fk FOREIGN KEY (message_id) REFERENCES courier_messages(id) ON DELETE CASCADE;
ALTER TABLE ONLY courier_message_dispatches
    ADD CONSTRAINT courier_message_dispatches_nid_fk FOREIGN KEY (nid) REFERENCES networks(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_login_codes
    ADD CONSTRAINT identity_login_codes_selfservice_login_flows_id_fk FOREIGN KEY (selfservice_login_flow_id) REFERENCES selfservice_login_flows(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_login_codes
    ADD CONSTRAINT identity_login_codes_networks_id_fk FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_registration_codes
    ADD CONSTRAINT identity_registration_codes_selfservice_registration_flows_id_f FOREIGN KEY (selfservice_registration_flow_id) REFERENCES selfservice_registration_flows(id) ON DELETE CASCADE;
ALTER TABLE ONLY identity_registration_codes
    ADD CONSTRAINT identity_registration_codes_networks_id_fk FOREIGN KEY (nid) REFERENCES networks(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY identity_login_codes
    ADD CONSTRAINT identity_login_codes_identity_id_fk FOREIGN KEY (identity_id) REFERENCES identities(id) ON UPDATE RESTRICT ON DELETE CASCADE;
ALTER TABLE ONLY session_token_exchanges
    ADD CONSTRAINT session_token_exchanges_nid_fk FOREIGN KEY (nid) REFERENCES networks(id) ON DELETE CASCADE;
