// The clients of both engines, made once.
const { Configuration, FrontendApi, IdentityApi, OAuth2Api } = require("@ory/client");
const config = require("./config");

const at = (basePath) => new Configuration({ basePath });

const frontend = new FrontendApi(at(config.kratosPublic));
const identity = new IdentityApi(at(config.kratosAdmin));
const oauth2 = new OAuth2Api(at(config.hydraAdmin));

module.exports = { frontend, identity, oauth2 };
