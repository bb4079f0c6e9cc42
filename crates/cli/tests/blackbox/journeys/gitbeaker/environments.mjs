// Environments: made, found, changed, stopped and deleted.

import { equal, path, pluck, refused, sha } from './world.mjs';

export async function journey(api) {
  const review = await create(api);
  await lists(api, review);
  await edit(api, review);
  await stop(api, review);
  await revive(api);
  await remove(api, review);
}

const names = async (api, options) => pluck('name', await api.Environments.all(path, { perPage: 2, ...options }));

async function create(api) {
  const options = { externalUrl: 'https://feature-1.example.com', autoStopSetting: 'always' };
  const review = await api.Environments.create(path, 'review/feature-1', options);
  equal([review.state, review.tier, review.project.path_with_namespace], ['available', 'development', path]);
  equal([review.external_url, review.auto_stop_at], ['https://feature-1.example.com', null]);
  const taken = ['Name has already been taken', 'Slug has already been taken'];
  await refused(400, taken, api.Environments.create(path, 'review/feature-1'));
  const shown = await api.Environments.show(path, review.id);
  equal([shown.name, shown.last_deployment], ['review/feature-1', null]);
  return review;
}

async function lists(api, review) {
  equal(await names(api), ['staging', 'production', 'review/feature-1']);
  equal(await names(api, { search: 'FEAT' }), ['review/feature-1']);
  equal(await names(api, { name: 'production' }), ['production']);
  equal(await names(api, { states: 'stopped' }), []);
  const { data, paginationInfo } = await api.Environments.all(path, { perPage: 2, page: 2, showExpanded: true });
  equal([pluck('id', data), paginationInfo.total, paginationInfo.totalPages], [[review.id], 3, 2]);
  const both = 'name, search cannot be used together';
  await refused(400, both, api.Environments.all(path, { name: 'production', search: 'pro' }));
}

async function edit(api, review) {
  const changed = await api.Environments.edit(path, review.id, { tier: 'testing', description: 'For the feature' });
  equal([changed.tier, changed.description, changed.name], ['testing', 'For the feature', 'review/feature-1']);
  const wrong = { external_url: ['URI is invalid'] };
  await refused(400, wrong, api.Environments.edit(path, review.id, { externalUrl: 'http://${X}' }));
}

async function stop(api, review) {
  await refused(403, '403 Forbidden', api.Environments.remove(path, review.id));
  equal((await api.Environments.stop(path, review.id)).state, 'stopped');
  equal(await names(api, { states: 'stopped' }), ['review/feature-1']);
  const guarded = await api.Environments.create(path, 'dr', { tier: 'production' });
  const unchanged = '400 Bad request - Attempted to stop the environment but failed to change the status';
  await refused(400, unchanged, api.Environments.stop(path, guarded.id));
  equal((await api.Environments.stop(path, guarded.id, { force: true })).state, 'stopped');
  await api.Environments.remove(path, guarded.id);
  const stopped = await api.Environments.stopStale(path, '2020-01-01T00:00:00Z');
  equal(stopped, { message: 'Successfully requested stop for all stale environments' });
}

// A success makes a stopped environment available again.
async function revive(api) {
  const [{ id }] = await api.Environments.all(path, { name: 'production' });
  const before = await api.Environments.show(path, id);
  equal([before.last_deployment.iid, before.last_deployment.status], [8, 'success']);
  equal((await api.Environments.stop(path, id)).state, 'stopped');
  const again = await api.Deployments.create(path, 'production', sha, 'release-1', false, { status: 'success' });
  const after = await api.Environments.show(path, id);
  equal([after.state, after.last_deployment.id], ['available', again.id]);
}

async function remove(api, review) {
  await api.Environments.remove(path, review.id);
  await refused(404, '404 Not found', api.Environments.show(path, review.id));
  equal(await names(api), ['staging', 'production']);
  const nothing =
    'No environments found for scheduled deletion. Either your query did not match any environments (default ' +
    'parameters match environments that are 30 days or older), or you have insufficient permissions to delete ' +
    'matching environments.';
  await refused(400, nothing, api.Environments.removeReviewApps(path));
}
