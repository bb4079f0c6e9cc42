// What stands in a repository, and which merge requests a deployment brought.

import { equal, pluck, refused } from './world.mjs';

const path = 'team/tool-5';
const titles = ['Squashed (#3)', "Merge branch 'topic' into 'main'", 'Work', 'Start'];

export async function journey(root, api) {
  const commits = await api.Commits.all(path);
  await log(api, commits);
  await refs(api, commits);
  await comparisons(api, commits);
  await mergeRequests(root, commits);
}

async function log(api, commits) {
  const found = async (options) => pluck('title', await api.Commits.all(path, { perPage: 1, ...options }));
  equal(pluck('title', commits), titles);
  equal(await found(), titles);
  equal(await found({ path: 'file' }), ['Work', 'Start']);
  equal(await found({ refName: 'topic' }), ['Work', 'Start']);
  equal(await found({ firstParent: true }), [titles[0], titles[1], 'Start']);
  equal(await found({ since: '2026-01-01T10:03:00Z' }), titles.slice(0, 2));

  const [, merge, { id }, start] = commits;
  const work = await api.Commits.show(path, id);
  equal([work.stats, work.parent_ids], [{ additions: 1, deletions: 0, total: 1 }, [start.id]]);
  equal([work.author_email, work.message], ['ada@example.com', 'Work\n']);
  equal((await api.Commits.show(path, merge.id)).parent_ids, [start.id, work.id]);
  equal(pluck('name', await api.Commits.allReferences(path, id, { type: 'branch' })), ['main', 'topic']);
  equal(pluck('iid', await api.Commits.allMergeRequests(path, id)), [7]);
  await refused(404, '404 Commit Not Found', api.Commits.show(path, '0'.repeat(40)));
}

async function refs(api, commits) {
  const branches = await api.Branches.all(path);
  equal(
    branches.map((branch) => [branch.name, branch.merged, branch.default]),
    [['main', false, true], ['topic', true, false]],
  );
  equal(pluck('name', await api.Branches.all(path, { search: '^to' })), ['topic']);
  equal((await api.Branches.show(path, 'topic')).commit.id, commits[2].id);
  await refused(404, '404 Branch Not Found', api.Branches.show(path, 'missing'));
  equal(pluck('name', await api.Tags.all(path)), ['v1.0']);
  equal((await api.Tags.show(path, 'v1.0')).commit.id, commits[3].id);
  await refused(404, '404 Tag Not Found', api.Tags.show(path, 'missing'));
}

async function comparisons(api, commits) {
  const compared = await api.Repositories.compare(path, 'v1.0', 'main');
  equal(pluck('title', compared.commits), titles.slice(0, 3).reverse());
  equal(pluck('diff', compared.diffs), ['@@ -1 +1,2 @@\n one\n+two\n']);
  equal((await api.Repositories.mergeBase(path, ['topic', 'main'])).id, commits[2].id);
  await refused(404, '404 Ref Not Found', api.Repositories.compare(path, 'missing', 'main'));
}

async function mergeRequests(root, commits) {
  const deploy = (sha) => root.Deployments.create(path, 'production', sha, 'main', false, { status: 'success' });
  const first = await deploy(commits[3].id);
  const second = await deploy(commits[0].id);
  equal(await root.Deployments.allMergeRequests(path, first.id), []);
  const order = { orderBy: 'merged_at', sort: 'asc', perPage: 1 };
  const brought = await root.Deployments.allMergeRequests(path, second.id, order);
  equal(
    brought.map((request) => [request.iid, request.title, request.state]),
    [[7, 'Topic', 'merged'], [3, 'Squashed', 'merged']],
  );
  equal(brought[0].web_url, 'https://forge.example/team/tool/-/merge_requests/7');
  await refused(400, { sha: ['The commit does not exist'] }, deploy('0'.repeat(40)));
}
