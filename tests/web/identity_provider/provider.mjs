// A real identity provider on loopback. Arguments: port, redirect address, a JSON file of people (read at each sign-in).
import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const [port, redirect, people] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "passmuster",
      client_secret: "a secret of the tests",
      redirect_uris: [redirect],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  cookies: { keys: ["cookies of the tests"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...JSON.parse(readFileSync(people, "utf-8"))[id] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
