// Projects: found, made, changed, archived and deleted; the ways to go through a list.

import { AccessLevel, Gitlab } from '@gitbeaker/rest';
import { equal, host, path, pluck, refused } from './world.mjs';

// Whether the project of the journey is found.
export async function find(root, api) {
  const project = await api.Projects.show(path);
  equal(await api.Projects.show(project.id), project);
  equal([project.name_with_namespace, project.visibility], ['team / web / app.one', 'private']);
  equal(project.permissions.project_access.access_level, AccessLevel.MAINTAINER);
  equal(pluck('path_with_namespace', await api.Projects.search('app.o', { membership: true })), [path]);
  await refused(404, '404 Project Not Found', api.Projects.show('team/web/nothing'));

  const paths = ['app.one', 'tool-1', 'tool-2', 'tool-3', 'tool-4', 'tool-5'];
  const byPath = { orderBy: 'path', sort: 'asc' };
  const everything = await api.Projects.all(byPath);
  equal(pluck('path', everything), paths);
  equal(pluck('path', await api.Projects.all({ ...byPath, perPage: 4 })), paths);
  equal(pluck('path', await api.Projects.all({ ...byPath, visibility: 'internal' })), paths.slice(1));
  const ids = pluck('id', everything).sort((one, other) => one - other);
  const keyset = { pagination: 'keyset', orderBy: 'id', perPage: 2 };
  equal(pluck('id', await root.Projects.all({ ...keyset, sort: 'asc' })), ids);
  equal(pluck('id', await root.Projects.all({ ...keyset, sort: 'desc' })), [...ids].reverse());
  const { data, paginationInfo } = await root.Projects.all({ ...byPath, perPage: 4, page: 2, showExpanded: true });
  equal([pluck('path', data), paginationInfo.total, paginationInfo.next], [paths.slice(4), 6, null]);
}

// A project of alice's own, from its beginning to its end.
export async function journey(api) {
  const project = await api.Projects.create({ name: 'My Site', description: 'Pages', defaultBranch: 'trunk' });
  equal([project.path_with_namespace, project.visibility], ['alice/my-site', 'private']);
  equal([project.description, project.default_branch, project.owner.username], ['Pages', 'trunk', 'alice']);
  const taken = ['has already been taken'];
  const message = { 'project_namespace.name': taken, name: taken, path: taken };
  await refused(400, message, api.Projects.create({ name: 'My Site' }));
  equal(pluck('id', await api.Projects.all({ owned: true })), [project.id]);
  equal(pluck('id', await api.Projects.all({ userId: project.owner.id })), [project.id]);

  const changed = await api.Projects.edit(project.id, { visibility: 'public', path: 'site' });
  equal([changed.visibility, changed.path_with_namespace], ['public', 'alice/site']);
  equal((await new Gitlab({ host }).Projects.show('alice/site')).id, project.id);
  equal((await api.Projects.archive(project.id)).archived, true);
  equal(pluck('id', await api.Projects.all({ archived: true })), [project.id]);
  equal((await api.Projects.unarchive(project.id)).archived, false);

  await refused(403, '403 Forbidden', api.Projects.remove('team/tool-1'));
  equal(await api.Projects.remove(project.id), { message: '202 Accepted' });
  const marked = await api.Projects.show(project.id);
  equal(marked.path, `site-deletion_scheduled-${project.id}`);
  equal((await api.Projects.restore(project.id)).path, 'site');
  await api.Projects.remove(project.id);
  await api.Projects.remove(project.id, { permanentlyRemove: true, fullPath: marked.path_with_namespace });
  await refused(404, '404 Project Not Found', api.Projects.show(project.id));
}
