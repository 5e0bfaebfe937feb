// The consent page. What an application learns of the person is read from Kratos when consent is given.
const { doubleCsrf } = require("csrf-csrf");
const express = require("express");
const config = require("./config");
const { identity, oauth2 } = require("./ory");

const { generateToken, doubleCsrfProtection } = doubleCsrf({
  getSecret: () => config.cookieSecret,
  cookieName: "__Host-ax-csrf",
  cookieOptions: { sameSite: "lax", path: "/", secure: true },
  getTokenFromRequest: (req) => req.body._csrf,
});

// claims are those of the scopes that were granted.
function claims(person, granted) {
  const idToken = {};
  if (granted.includes("email")) {
    const address = person.verifiable_addresses?.find((a) => a.via === "email");
    idToken.email = person.traits.email;
    idToken.email_verified = address?.verified || false;
  }
  if (granted.includes("profile")) {
    if (person.traits.name) idToken.name = person.traits.name;
    idToken.updated_at = Math.floor(Date.parse(person.updated_at) / 1000);
  }
  return { id_token: idToken };
}

async function accept(challenge, request, scopes, remember) {
  const { data: person } = await identity.getIdentity({ id: request.subject });
  const { data } = await oauth2.acceptOAuth2ConsentRequest({
    consentChallenge: challenge,
    acceptOAuth2ConsentRequest: {
      grant_scope: scopes,
      grant_access_token_audience: request.requested_access_token_audience,
      session: claims(person, scopes),
      remember,
      remember_for: 3600,
    },
  });
  return data.redirect_to;
}

async function show(req, res) {
  const challenge = String(req.query.consent_challenge || "");
  const { data: request } = await oauth2.getOAuth2ConsentRequest({ consentChallenge: challenge });
  if (request.skip || request.client?.skip_consent) {
    return res.redirect(303, await accept(challenge, request, request.requested_scope, false));
  }
  return res.render("consent", {
    title: "Consent",
    csrf: generateToken(req, res),
    challenge,
    client: request.client?.client_name || request.client?.client_id,
    subject: request.subject,
    scopes: request.requested_scope,
  });
}

async function decide(req, res) {
  const { consent_challenge: challenge, consent_action: action, grant_scope: granted = [], remember } = req.body;
  if (action !== "accept") {
    const { data } = await oauth2.rejectOAuth2ConsentRequest({
      consentChallenge: challenge,
      rejectOAuth2Request: { error: "access_denied", error_description: "The resource owner denied the request" },
    });
    return res.redirect(303, data.redirect_to);
  }
  const { data: request } = await oauth2.getOAuth2ConsentRequest({ consentChallenge: challenge });
  return res.redirect(303, await accept(challenge, request, [granted].flat(), Boolean(remember)));
}

function register(app) {
  app.get("/consent", (req, res, next) => show(req, res).catch(next));
  app.post("/consent", express.urlencoded({ extended: false }), doubleCsrfProtection, (req, res, next) => decide(req, res).catch(next));
}

module.exports = { register };
