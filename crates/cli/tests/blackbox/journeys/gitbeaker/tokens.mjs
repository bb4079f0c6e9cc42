// Access tokens of people, projects and groups.

import assert from 'node:assert/strict';
import { client, equal, path, pluck, refused, sha, soon } from './world.mjs';

export async function journey(root, api) {
  await ofPeople(root, api);
  await ofProject(api);
  await ofGroup(root);
}

async function ofPeople(root, api) {
  const user = await api.Users.showCurrentUser();
  await refused(403, '403 Forbidden', api.Users.createPersonalAccessToken(user.id, 'x', ['api']));
  const options = { expiresAt: soon() };
  const made = await root.Users.createPersonalAccessToken(user.id, 'laptop', ['read_api', 'self_rotate'], options);
  equal([made.name, made.scopes, made.active, made.expires_at], ['laptop', ['read_api', 'self_rotate'], true, soon()]);
  const holder = client(made.token);
  const itself = await holder.PersonalAccessTokens.show();
  equal([itself.id, itself.user_id, 'token' in itself], [made.id, user.id, false]);
  equal((await holder.PersonalAccessTokens.show({ tokenId: made.id })).name, 'laptop');

  equal(pluck('user_id', await api.PersonalAccessTokens.all({ perPage: 1 })), [user.id, user.id, user.id]);
  equal(pluck('id', await api.PersonalAccessTokens.all({ search: 'lap' })), [made.id]);
  equal(pluck('id', await root.PersonalAccessTokens.all({ userId: user.id, state: 'active' })).at(-1), made.id);
  const rotated = await api.PersonalAccessTokens.rotate(made.id, { expiresAt: soon(7) });
  equal([rotated.expires_at, rotated.revoked], [soon(7), false]);
  await refused(401, 'invalid_token', holder.Users.showCurrentUser());
  await api.PersonalAccessTokens.remove({ tokenId: rotated.id });
  equal((await api.PersonalAccessTokens.show({ tokenId: rotated.id })).revoked, true);

  const brief = await root.PersonalAccessTokens.create(user.id, 'brief', ['api'], options);
  await client(brief.token).PersonalAccessTokens.remove();
  await refused(401, 'invalid_token', client(brief.token).PersonalAccessTokens.show());
}

async function ofProject(api) {
  const { id } = await api.Projects.show(path);
  const token = await api.ProjectAccessTokens.create(id, 'bot', ['api'], soon(), { accessLevel: 30 });
  equal([token.access_level, token.resource_type, token.resource_id], [30, 'project', id]);
  const deployed = await client(token.token).Deployments.create(id, 'qa', sha, 'main', false, { status: 'success' });
  equal(deployed.user.name, 'bot');
  equal(pluck('name', await api.ProjectAccessTokens.all(id)), ['bot']);
  equal((await api.ProjectAccessTokens.show(id, token.id)).active, true);
  const rotated = await api.ProjectAccessTokens.rotate(id, token.id);
  assert.notEqual(rotated.token, token.token);
  equal((await client(rotated.token).Projects.show(id)).id, id);
  await api.ProjectAccessTokens.revoke(id, rotated.id);
  equal(await api.ProjectAccessTokens.all(id, { state: 'active' }), []);
}

async function ofGroup(root) {
  const group = await root.Groups.show('team/web');
  const token = await root.GroupAccessTokens.create(group.id, 'crew', ['read_api'], soon(), { accessLevel: 20 });
  equal([token.resource_type, token.resource_id], ['group', group.id]);
  equal(pluck('path', await client(token.token).Projects.all({ membership: true })), ['app.one']);
  const rotated = await root.GroupAccessTokens.rotate(group.id, token.id);
  await root.GroupAccessTokens.revoke(group.id, rotated.id);
  equal(pluck('revoked', await root.GroupAccessTokens.all(group.id)), [true, true]);
}
