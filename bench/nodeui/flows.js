// Pages that show a self-service flow of Kratos, and those around them.
const config = require("./config");
const { frontend, oauth2 } = require("./ory");

const fetchers = {
  login: (id, cookie) => frontend.getLoginFlow({ id, cookie }),
  registration: (id, cookie) => frontend.getRegistrationFlow({ id, cookie }),
  settings: (id, cookie) => frontend.getSettingsFlow({ id, cookie }),
};

// start is where the browser gets a flow, with what belongs to it.
function start(kind, query) {
  const url = new URL(`/self-service/${kind}/browser`, config.kratosBrowser);
  for (const name of ["aal", "refresh", "return_to", "login_challenge"]) {
    if (query[name]) url.searchParams.set(name, String(query[name]));
  }
  return url.toString();
}

// field turns a node of the flow into what the template shows.
function field(node) {
  const a = node.attributes;
  return {
    ...a,
    label: node.meta?.label?.text || a.label?.text || a.name,
    messages: node.messages || [],
    input: a.node_type === "input" && a.type !== "hidden" && a.type !== "submit" && a.type !== "button",
    hidden: a.type === "hidden",
    button: a.type === "submit" || a.type === "button",
    script: a.node_type === "script",
    image: a.node_type === "img",
    text: a.node_type === "text" && a.text?.text,
    anchor: a.node_type === "a",
  };
}

function page(kind, title) {
  return (req, res, next) => {
    const { flow: id } = req.query;
    if (!id) return res.redirect(303, start(kind, req.query));
    return fetchers[kind](String(id), req.header("cookie"))
      .then(({ data: flow }) => {
        const groups = [...new Set(flow.ui.nodes.map((n) => n.group))].filter((g) => g !== "default");
        const shared = flow.ui.nodes.filter((n) => n.group === "default").map(field);
        const challenge = flow.oauth2_login_challenge;
        res.render("flow", {
          title,
          action: flow.ui.action,
          method: flow.ui.method,
          messages: flow.ui.messages || [],
          client: flow.oauth2_login_request?.client?.client_name,
          forms: groups.map((group) => ({
            action: flow.ui.action,
            method: flow.ui.method,
            fields: [...shared, ...flow.ui.nodes.filter((n) => n.group === group).map(field)],
          })),
          other: kind === "login" && start("registration", { login_challenge: challenge, return_to: flow.return_to }),
        });
      })
      .catch((err) => {
        // Gone, or of another browser: a new one.
        if ([403, 404, 410].includes(err.response?.status)) return res.redirect(303, start(kind, req.query));
        return next(err);
      });
  };
}

function account(req, res, next) {
  frontend
    .toSession({ cookie: req.header("cookie") })
    .then(({ data: session }) => res.render("account", { title: "Account", session, email: session.identity.traits.email }))
    .catch((err) => (err.response?.status === 401 ? res.redirect(303, start("login", {})) : next(err)));
}

// logout answers Hydra's request, or ends Kratos' session.
function logout(req, res, next) {
  const { logout_challenge: challenge } = req.query;
  const target = challenge
    ? oauth2.acceptOAuth2LogoutRequest({ logoutChallenge: String(challenge) }).then(({ data }) => data.redirect_to)
    : frontend.createBrowserLogoutFlow({ cookie: req.header("cookie") }).then(({ data }) => data.logout_url);
  target.then((to) => res.redirect(303, to)).catch(next);
}

function error(req, res, next) {
  if (!req.query.id) return res.status(400).render("error", { title: "Error", message: String(req.query.error_description || "") });
  return frontend
    .getFlowError({ id: String(req.query.id) })
    .then(({ data }) => res.status(data.error?.code || 500).render("error", { title: "Error", message: data.error?.reason }))
    .catch(next);
}

module.exports = { page, account, logout, error };
