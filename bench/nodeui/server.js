// The pages of the official set-up: express, handlebars and @ory/client, as in upstream's reference pages. A flow is fetched from Kratos' public API and rendered as
// the form it describes; a consent request is fetched from Hydra's admin API, shown, and accepted there.
const path = require("node:path");
const cookieParser = require("cookie-parser");
const express = require("express");
const { engine } = require("express-handlebars");
const config = require("./config");
const consent = require("./consent");
const flows = require("./flows");

const app = express();
app.set("trust proxy", "loopback");
app.disable("x-powered-by");
app.engine("hbs", engine({ extname: ".hbs", defaultLayout: "main" }));
app.set("view engine", "hbs");
app.set("views", path.join(__dirname, "views"));
app.use(express.static(path.join(__dirname, "public"), { maxAge: "1d" }));
app.use(cookieParser(config.cookieSecret));

// The engines say for themselves when they are ready.
app.get("/health/ready", (_req, res) => res.json({ status: "ok" }));

app.get("/", flows.account);
app.get("/login", flows.page("login", "Sign in"));
app.get("/registration", flows.page("registration", "Sign up"));
app.get("/settings", flows.page("settings", "Account"));
app.get("/logout", flows.logout);
app.get("/error", flows.error);
consent.register(app);

app.use((err, _req, res, _next) => {
  const status = err.response?.status || err.status || 500;
  if (status >= 500) console.error(err.message);
  res.status(status).render("error", { title: "Error", message: err.response?.data?.error?.reason || err.message });
});

const server = app.listen(config.port, config.host);
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
