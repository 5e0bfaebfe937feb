-- For CockroachDB, as a member of the role admin: cockroach sql -f <this file>
-- Written from its documentation; the project has not run it on a cluster.

CREATE USER IF NOT EXISTS "hydra_migrator";
ALTER USER "hydra_migrator" WITH PASSWORD '<password of hydra_migrator>';
CREATE USER IF NOT EXISTS "hydra_user";
ALTER USER "hydra_user" WITH PASSWORD '<password of hydra_user>';
CREATE USER IF NOT EXISTS "kratos_migrator";
ALTER USER "kratos_migrator" WITH PASSWORD '<password of kratos_migrator>';
CREATE USER IF NOT EXISTS "kratos-user";
ALTER USER "kratos-user" WITH PASSWORD '<password of kratos-user>';

CREATE DATABASE IF NOT EXISTS "hydra";
ALTER DATABASE "hydra" OWNER TO "hydra_migrator";
USE "hydra";
REVOKE ALL ON DATABASE "hydra" FROM public;
GRANT CONNECT ON DATABASE "hydra" TO "hydra_user";
REVOKE ALL ON SCHEMA public FROM public;
GRANT USAGE, CREATE ON SCHEMA public TO "hydra_migrator";
GRANT USAGE ON SCHEMA public TO "hydra_user";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "hydra_user";
ALTER DEFAULT PRIVILEGES FOR ROLE "hydra_migrator" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "hydra_user";
ALTER DEFAULT PRIVILEGES FOR ROLE "hydra_migrator" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "hydra_user";

CREATE DATABASE IF NOT EXISTS "kra""tos";
ALTER DATABASE "kra""tos" OWNER TO "kratos_migrator";
USE "kra""tos";
REVOKE ALL ON DATABASE "kra""tos" FROM public;
GRANT CONNECT ON DATABASE "kra""tos" TO "kratos-user";
REVOKE ALL ON SCHEMA public FROM public;
GRANT USAGE, CREATE ON SCHEMA public TO "kratos_migrator";
GRANT USAGE ON SCHEMA public TO "kratos-user";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "kratos-user";
ALTER DEFAULT PRIVILEGES FOR ROLE "kratos_migrator" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "kratos-user";
ALTER DEFAULT PRIVILEGES FOR ROLE "kratos_migrator" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "kratos-user";
