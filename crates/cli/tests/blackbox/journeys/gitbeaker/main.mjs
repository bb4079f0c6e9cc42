// What users of @gitbeaker/rest do, with the package as it is published; any surprise ends it with an error.

import { Gitlab } from '@gitbeaker/rest';
import * as deployments from './deployments.mjs';
import * as environments from './environments.mjs';
import * as hooks from './hooks.mjs';
import * as people from './people.mjs';
import * as projects from './projects.mjs';
import * as repository from './repository.mjs';
import * as tokens from './tokens.mjs';
import { client, equal, host, refused } from './world.mjs';

async function whoAmI(root, api) {
  const administrator = await root.Users.showCurrentUser();
  equal([administrator.username, administrator.is_admin], ['root', true]);
  const alice = await api.Users.showCurrentUser();
  equal([alice.username, alice.name, alice.email], ['alice', 'Alice Smith', 'alice@example.com']);
  equal((await api.Metadata.show()).enterprise, false);
  equal((await new Gitlab({ host, oauthToken: process.env.ALICE }).Users.showCurrentUser()).id, alice.id);
  equal((await client(process.env.ALICE, { camelize: true }).Users.showCurrentUser()).publicEmail, alice.public_email);
  await refused(401, '401 Unauthorized', client('nonsense').Users.showCurrentUser());
}

const root = client(process.env.ROOT);
const api = client(process.env.ALICE);
await whoAmI(root, api);
await projects.find(root, api);
await deployments.journey(api);
await environments.journey(api);
await repository.journey(root, api);
await projects.journey(api);
await people.journey(root);
await tokens.journey(root, api);
await hooks.journey(root, api);
