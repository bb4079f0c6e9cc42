// Webhooks of projects, groups and the instance.

import { equal, path, pluck, receiver, refused, sha } from './world.mjs';

const url = 'https://receiver.invalid/hook';

export async function journey(root, api) {
  await ofProject(api);
  await sent(api);
  await ofGroup(root);
  await ofInstance(root);
}

async function ofProject(api) {
  const hook = await api.ProjectHooks.add(path, url, { token: 'secret', pushEvents: false, jobEvents: true });
  equal([hook.url, hook.push_events, hook.job_events, 'token' in hook], [url, false, true, false]);
  const changed = await api.ProjectHooks.edit(path, hook.id, `${url}/2`, { name: 'chat', deploymentEvents: true });
  equal([changed.url, changed.name, changed.deployment_events, changed.job_events], [`${url}/2`, 'chat', true, true]);
  equal((await api.ProjectHooks.show(path, hook.id)).name, 'chat');
  equal(pluck('id', await api.ProjectHooks.all(path)), [hook.id]);
  await refused(422, 'Invalid url given', api.ProjectHooks.add(path, 'http://127.0.0.2/'));
  await api.ProjectHooks.remove(path, hook.id);
  await refused(404, '404 Not found', api.ProjectHooks.show(path, hook.id));
}

// The receiver looks at what comes. This client cannot ask for a test of a project's hook.
async function sent(api) {
  await api.ProjectHooks.add(path, receiver, { token: 'secret', pushEvents: false, deploymentEvents: true });
  await api.Deployments.create(path, 'hooked', sha, 'main', false, { status: 'success' });
}

async function ofGroup(root) {
  const hook = await root.GroupHooks.add('team', url, { deploymentEvents: true });
  equal((await root.GroupHooks.edit('team', hook.id, url, { name: 'everything below' })).name, 'everything below');
  equal(pluck('id', await root.GroupHooks.all('team')), [hook.id]);
  await root.GroupHooks.remove('team', hook.id);
  equal(await root.GroupHooks.all('team'), []);
}

async function ofInstance(root) {
  const hook = await root.SystemHooks.create(url, { deploymentEvents: false });
  equal(pluck('url', await root.SystemHooks.all()), [url]);
  await root.SystemHooks.remove(hook.id);
  equal(await root.SystemHooks.all(), []);
}
