// An OpenID provider (oidc-provider, certified) on loopback with one client. Whoever gives a name is that subject, with any
// password. Arguments: the folder of its modules, port, the client's secret, where its browsers come back to.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, port, secret, redirect] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'assay', client_secret: secret, redirect_uris: [redirect] }],
  cookies: { keys: [secret] },
  pkce: { required: () => true },
  async findAccount(_, id) {
    return { accountId: id, claims: async () => ({ sub: id }) };
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('assay: it listens'));
