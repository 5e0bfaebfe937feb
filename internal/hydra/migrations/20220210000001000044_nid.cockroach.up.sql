ALTER TABLE hydra_oauth2_obfuscated_authentication_session
  DROP CONSTRAINT "primary",
  ADD CONSTRAINT "hydra_oauth2_obfuscated_authentication_session_pkey" PRIMARY KEY (subject ASC, client_id ASC, nid ASC);
