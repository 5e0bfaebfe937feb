-- For PostgreSQL, as a superuser: psql -v ON_ERROR_STOP=1 -f <this file> postgres
-- A user with CREATEROLE and CREATEDB may run it too, and becomes a member of the migrating users first.

CREATE ROLE "hydra_migrator" LOGIN;
ALTER ROLE "hydra_migrator" PASSWORD '<password of hydra_migrator>';
CREATE ROLE "hydra_user" LOGIN;
ALTER ROLE "hydra_user" PASSWORD '<password of hydra_user>';
CREATE ROLE "kratos_migrator" LOGIN;
ALTER ROLE "kratos_migrator" PASSWORD '<password of kratos_migrator>';
CREATE ROLE "kratos-user" LOGIN;
ALTER ROLE "kratos-user" PASSWORD '<password of kratos-user>';

CREATE DATABASE "hydra";
ALTER DATABASE "hydra" OWNER TO "hydra_migrator";
\connect "hydra"
REVOKE ALL ON DATABASE "hydra" FROM PUBLIC;
GRANT CONNECT ON DATABASE "hydra" TO "hydra_user";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO "hydra_migrator";
GRANT USAGE ON SCHEMA public TO "hydra_user";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "hydra_user";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "hydra_user";
ALTER DEFAULT PRIVILEGES FOR ROLE "hydra_migrator" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "hydra_user";
ALTER DEFAULT PRIVILEGES FOR ROLE "hydra_migrator" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "hydra_user";

CREATE DATABASE "kra""tos";
ALTER DATABASE "kra""tos" OWNER TO "kratos_migrator";
\connect "kra""tos"
REVOKE ALL ON DATABASE "kra""tos" FROM PUBLIC;
GRANT CONNECT ON DATABASE "kra""tos" TO "kratos-user";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO "kratos_migrator";
GRANT USAGE ON SCHEMA public TO "kratos-user";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "kratos-user";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "kratos-user";
ALTER DEFAULT PRIVILEGES FOR ROLE "kratos_migrator" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "kratos-user";
ALTER DEFAULT PRIVILEGES FOR ROLE "kratos_migrator" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "kratos-user";
