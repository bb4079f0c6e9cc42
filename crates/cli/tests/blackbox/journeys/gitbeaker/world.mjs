// Where the journey goes, and how it is judged.

import assert from 'node:assert/strict';
import { Gitlab, GitbeakerRequestError } from '@gitbeaker/rest';

export const host = process.env.URL;
export const receiver = process.env.RECEIVER;
export const path = 'team/web/app.one';
export const sha = 'a91957a858320c0e17f3a0eca7cfacbff50ea29a';

export function client(token, options = {}) {
  return new Gitlab({ host, token, ...options });
}

export const equal = assert.deepEqual;

// The call must be refused with this status and description; a description that is no text comes as JSON.
export async function refused(status, description, call) {
  const error = await call.then(
    () => assert.fail(`was not refused with ${description}`),
    (error) => error,
  );
  if (!(error instanceof GitbeakerRequestError)) throw error;
  const expected = typeof description === 'string' ? description : JSON.stringify(description);
  equal([error.cause.response.status, error.cause.description], [status, expected]);
}

// The values of one key.
export function pluck(key, rows) {
  return rows.map((row) => row[key]);
}

// A day on which a token or a membership may end.
export function soon(days = 30) {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}
