// A sign-in service of others': oidc-provider (https://github.com/panva/node-oidc-provider) as it is published, with
// people made up by their names, and one page that asks who it is. It prints its issuer on a line.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const redirects = JSON.parse(process.env.UPSTREAM_REDIRECTS);
const conform = process.env.UPSTREAM_CLAIMS_IN_ID_TOKEN !== '1';

// What is known of somebody says the name: nomail-, unverified- and so on. Everybody else has a verified address.
function claims(sub) {
  if (sub.startsWith('nomail-')) return { sub, name: sub };
  return { sub, name: sub, email: `${sub.replace(/^unverified-/, '')}@example.com`, email_verified: !sub.startsWith('unverified-') };
}

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: 'here', client_secret: process.env.UPSTREAM_SECRET, redirect_uris: redirects }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: conform,
  findAccount: (_, id) => ({ accountId: id, claims: () => claims(id) }),
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ['of-a-test'] },
  interactions: { url: (_, interaction) => `/ask/${interaction.uid}` },
});

const form = (uid) => `<!doctype html><html lang="en"><title>Upstream</title><h1>Upstream</h1>
<form method="post" action="/ask/${uid}"><label>Name <input name="name"></label><input type="hidden" name="answer" value="yes"><button>Go on</button></form>`;

async function ask(req, res) {
  const { prompt, uid } = await provider.interactionDetails(req, res);
  if (req.method === 'GET' && prompt.name === 'login') {
    res.writeHead(200, { 'content-type': 'text/html' }).end(form(uid));
    return;
  }
  let body = '';
  for await (const part of req) body += part;
  const answer = new URLSearchParams(body);
  if (answer.get('answer') === 'no') {
    await provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'the person said no' });
    return;
  }
  if (prompt.name === 'login') {
    await provider.interactionFinished(req, res, { login: { accountId: answer.get('name') } });
    return;
  }
  // Consent is given by itself.
  const { params, session, grantId } = await provider.interactionDetails(req, res);
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid email profile');
  await provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

const callback = provider.callback();
server.on('request', (req, res) => {
  if (!req.url.startsWith('/ask/')) return callback(req, res);
  ask(req, res).catch((err) => res.writeHead(500).end(String(err)));
});
console.log(issuer);
