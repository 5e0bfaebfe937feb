ALTER TABLE hydra_oauth2_jti_blacklist
  DROP CONSTRAINT "primary",
  ADD CONSTRAINT "hydra_oauth2_jti_blacklist_pkey" PRIMARY KEY (signature ASC, nid ASC);
