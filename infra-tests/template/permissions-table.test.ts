import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { permissionsOf } from './permissions.ts';
import { permissionsTable } from './permissions-table.ts';
import { synthesise } from './synthesise.ts';

it('the table of permissions in docs/permissions.md is current: npm run permissions writes it', () => {
  const written = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
  expect(written).toBe(permissionsTable(permissionsOf(synthesise('prod'))));
});

it('a table has a row for each resource, and a section for each function', () => {
  const table = permissionsTable([
    { fn: 'B', action: 'sqs:SendMessage', resource: 'Queue.Arn' },
    { fn: 'A', action: 's3:PutObject', resource: 'Bucket.Arn/files/*' },
    { fn: 'A', action: 's3:GetObject', resource: 'Bucket.Arn/files/*' },
    { fn: 'A', action: 'xray:PutTraceSegments', resource: '*' },
    { fn: 'A', action: 'logs:PutLogEvents', resource: 'ALogs.Arn' },
  ]);
  expect(table.slice(table.indexOf('## '))).toBe(
    `## A

| on | it may |
|---|---|
| everything (there is nothing to name) | \`xray:PutTraceSegments\` |
| \`Bucket/files/*\` | \`s3:GetObject\`, \`s3:PutObject\` |

## B

| on | it may |
|---|---|
| \`Queue\` | \`sqs:SendMessage\` |
`,
  );
});
