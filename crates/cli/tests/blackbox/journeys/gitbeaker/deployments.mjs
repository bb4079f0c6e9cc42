// Deployments: made, changed, listed in every way, deleted; what is refused.

import assert from 'node:assert/strict';
import { Gitlab } from '@gitbeaker/rest';
import { client, equal, host, path, pluck, refused, sha } from './world.mjs';

export async function journey(api) {
  const made = await create(api);
  await update(api, made);
  await lists(api, made);
  await pages(api);
  await remove(api, made);
  await refusals(api);
}

// Nine deployments of five minutes' work in one second.
async function create(api) {
  const made = [];
  for (let number = 0; number < 9; number += 1) {
    const environment = number % 3 ? 'production' : 'staging';
    const status = ['running', 'success', 'failed'][number % 3];
    const ref = `release-${9 - number}`;
    const deployment = await api.Deployments.create(path, environment, sha, ref, false, { status });
    equal([deployment.status, deployment.environment.name, deployment.ref], [status, environment, ref]);
    made.push(deployment);
  }
  equal(pluck('iid', made), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  return made;
}

async function update(api, made) {
  const running = await api.Deployments.show(path, made[0].id);
  equal([running.status, running.user.username, running.deployable], ['running', 'alice', null]);
  const finished = await api.Deployments.edit(path, running.id, 'success');
  equal([finished.status, finished.sha], ['success', sha]);
  equal((await api.Deployments.show(path, running.id)).status, 'success');
  equal((await api.Deployments.edit(path, made[3].id, 'canceled')).status, 'canceled');
  const again = { status: ['cannot transition via "succeed"'] };
  await refused(400, again, api.Deployments.edit(path, running.id, 'success'));
}

async function lists(api, made) {
  const iids = async (options) => pluck('iid', await api.Deployments.all(path, { perPage: 4, ...options }));
  const everything = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (const [orderBy, expected] of [
    ['id', everything],
    ['iid', everything],
    ['created_at', everything],
    ['ref', [...everything].reverse()],
    ['updated_at', [2, 3, 5, 6, 7, 8, 9, 1, 4]],
    ['finished_at', [2, 3, 5, 6, 8, 9, 1, 4, 7]],
  ]) {
    equal(await iids({ orderBy }), expected);
    equal(await iids({ orderBy, sort: 'desc' }), [...expected].reverse());
  }
  equal(await iids({ environment: 'staging' }), [1, 4, 7]);
  equal(await iids({ environment: 'nowhere' }), []);
  equal(await iids({ status: 'success' }), [1, 2, 5, 8]);
  equal(await iids({ status: 'running', environment: 'staging' }), [7]);
  const updatedAfter = (await api.Deployments.show(path, made[3].id)).updated_at;
  equal(await iids({ orderBy: 'updated_at', updatedAfter }), [4]);
}

async function pages(api) {
  const second = await api.Deployments.all(path, { perPage: 4, page: 2, showExpanded: true });
  equal(pluck('iid', second.data), [5, 6, 7, 8]);
  equal(second.paginationInfo, { total: 9, next: 3, current: 2, previous: 1, perPage: 4, totalPages: 3 });
  equal(pluck('iid', await api.Deployments.all(path, { perPage: 4, maxPages: 2 })), [1, 2, 3, 4, 5, 6, 7, 8]);
  const keyset = { pagination: 'keyset', orderBy: 'id', sort: 'desc', perPage: 2 };
  equal(pluck('iid', await api.Deployments.all(path, keyset)), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
  equal(await api.Deployments.all(path, { perPage: 4, page: 9 }), []);
}

async function remove(api, made) {
  await api.Deployments.remove(path, made[3].id);
  await refused(404, '404 Not found', api.Deployments.show(path, made[3].id));
  await refused(400, 'Cannot destroy running deployment', api.Deployments.remove(path, made[6].id));
  const live = 'Deployment currently deployed to environment';
  await refused(400, live, api.Deployments.remove(path, made[7].id));
  await refused(404, '404 Not found', api.Deployments.remove(path, made[3].id));
}

async function refusals(api) {
  const create = (caller, sha, status = 'success') =>
    caller.Deployments.create(path, 'production', sha, 'main', false, { status });
  await refused(401, '401 Unauthorized', new Gitlab({ host }).Deployments.all(path));
  await refused(404, '404 Project Not Found', api.Deployments.all('team/web/nothing'));
  await refused(400, 'status does not have a valid value', create(api, sha, 'done'));
  await refused(400, 'sha is empty', create(api, ' '));
  await refused(400, { sha: ['The commit does not exist'] }, create(api, 'HEAD'));
  await refused(400, 'order_by does not have a valid value', api.Deployments.all(path, { orderBy: 'x' }));
  const reader = client(process.env.READER);
  assert.equal((await reader.Deployments.all(path)).length, 8);
  await refused(403, 'insufficient_scope', create(reader, sha));
  const other = api.Deployments.create('team/tool-1', 'production', sha, 'main', false, { status: 'success' });
  await refused(403, '403 Forbidden', other);
}
