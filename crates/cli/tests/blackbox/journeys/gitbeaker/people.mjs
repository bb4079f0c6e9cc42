// Users, groups and members.

import { AccessLevel } from '@gitbeaker/rest';
import { client, equal, pluck, refused, soon } from './world.mjs';

export async function journey(root) {
  const user = await users(root);
  const secret = await root.PersonalAccessTokens.create(user.id, 'ci', ['api'], { expiresAt: soon() });
  const bob = client(secret.token);
  const [group, below] = await groups(root);
  const project = await groupMembers(root, bob, user, group, below);
  await projectMembers(root, bob, project);
  await sudo(root, user);
  await end(root, bob, user, group, project);
}

async function users(root) {
  const options = { email: 'bob@example.com', name: 'Bob', username: 'bob', forceRandomPassword: true, bio: 'builds' };
  const user = await root.Users.create(options);
  equal([user.username, user.state, user.bio, user.is_admin], ['bob', 'active', 'builds', false]);
  await refused(409, 'Email has already been taken', root.Users.create({ ...options, username: 'bobby' }));
  // This client sends changes of a user as a form with parts.
  equal((await root.Users.edit(user.id, { name: 'Bob Builder' })).name, 'Bob Builder');
  equal((await root.Users.show(user.id)).name, 'Bob Builder');
  equal(pluck('id', await root.Users.all({ username: 'BOB' })), [user.id]);
  equal(pluck('username', await root.Users.all({ search: 'builder' })), ['bob']);
  equal(pluck('username', await root.Users.all({ perPage: 2 })), ['bob', 'alice', 'root']);
  await refused(404, '404 User Not Found', root.Users.show(999_999));
  for (const [leave, state, comeBack] of [
    ['block', 'blocked', 'unblock'],
    ['deactivate', 'deactivated', 'activate'],
    ['ban', 'banned', 'unban'],
  ]) {
    await root.Users[leave](user.id);
    equal((await root.Users.show(user.id)).state, state);
    await root.Users[comeBack](user.id);
    equal((await root.Users.show(user.id)).state, 'active');
  }
  return user;
}

async function groups(root) {
  const group = await root.Groups.create('Crew', 'crew', { description: 'Who ships' });
  const below = await root.Groups.create('Inner', 'inner', { parentId: group.id });
  equal([group.full_path, group.visibility, below.full_name], ['crew', 'private', 'Crew / Inner']);
  equal(pluck('id', await root.Groups.allSubgroups(group.id)), [below.id]);
  equal(pluck('id', await root.Groups.allDescendantGroups(group.id)), [below.id]);
  equal(pluck('full_path', await root.Groups.search('inn')), ['crew/inner']);
  equal(pluck('full_path', await root.Groups.all({ perPage: 1 })), ['crew', 'crew/inner', 'team', 'team/web']);
  equal((await root.Groups.edit(group.id, { description: 'Who ships it' })).description, 'Who ships it');
  equal((await root.Groups.show('crew/inner')).parent_id, group.id);
  return [group, below];
}

async function groupMembers(root, bob, user, group, below) {
  const options = { userId: user.id, expiresAt: soon() };
  const member = await root.GroupMembers.add(group.id, AccessLevel.DEVELOPER, options);
  equal([member.username, member.access_level, member.expires_at], ['bob', 30, soon()]);
  const project = await bob.Projects.create({ name: 'app', namespaceId: below.id });
  equal([project.path_with_namespace, project.permissions.group_access.access_level], ['crew/inner/app', 30]);
  equal(pluck('id', await root.Groups.allProjects(group.id, { includeSubgroups: true })), [project.id]);
  equal((await root.GroupMembers.edit(group.id, user.id, AccessLevel.MAINTAINER)).access_level, 40);
  equal(pluck('username', await root.GroupMembers.all(below.id)), ['root']);
  equal(pluck('username', await root.GroupMembers.all(below.id, { includeInherited: true })), ['root', 'bob']);
  equal((await root.GroupMembers.show(below.id, user.id, { includeInherited: true })).access_level, 40);
  const again = root.GroupMembers.add(group.id, AccessLevel.GUEST, { userId: user.id });
  await refused(409, 'Member already exists', again);
  return project;
}

async function projectMembers(root, bob, project) {
  const [alice] = await root.Users.all({ username: 'alice' });
  const member = await bob.ProjectMembers.add(project.id, AccessLevel.REPORTER, { userId: alice.id });
  equal([member.id, member.access_level, member.created_by.username], [alice.id, 20, 'bob']);
  equal(pluck('username', await bob.ProjectMembers.all(project.id)), ['alice']);
  const everybody = await bob.ProjectMembers.all(project.id, { includeInherited: true, perPage: 1 });
  equal(
    everybody.map((found) => [found.username, found.access_level]),
    [['root', 50], ['alice', 20], ['bob', 40]],
  );
  equal((await bob.ProjectMembers.edit(project.id, alice.id, AccessLevel.DEVELOPER)).access_level, 30);
  equal((await bob.ProjectMembers.show(project.id, alice.id)).access_level, 30);
  const wrong = { access_level: ['is not included in the list'] };
  await refused(400, wrong, bob.ProjectMembers.edit(project.id, alice.id, 42));
  await bob.ProjectMembers.remove(project.id, alice.id);
  await refused(404, '404 Not found', bob.ProjectMembers.show(project.id, alice.id));
}

// An administrator acts for a user.
async function sudo(root, user) {
  equal((await root.Users.showCurrentUser({ sudo: 'bob' })).id, user.id);
  equal(pluck('path', await client(process.env.ROOT, { sudo: user.id }).Projects.all({ membership: true })), ['app']);
}

async function end(root, bob, user, group, project) {
  await root.GroupMembers.remove(group.id, user.id);
  await refused(404, '404 Project Not Found', bob.Projects.show(project.id));
  await root.Groups.remove(group.id);
  equal(typeof (await root.Groups.show(group.id)).marked_for_deletion_on, 'string');
  equal((await root.Groups.restore(group.id)).marked_for_deletion_on, null);
  await root.Groups.remove(group.id);
  const { full_path: fullPath } = await root.Groups.show(group.id);
  await root.Groups.remove(group.id, { permanentlyRemove: true, fullPath });
  await refused(404, '404 Group Not Found', root.Groups.show(group.id));
}
