import { writeFileSync } from 'node:fs';
import { permissionsOf } from './permissions.ts';
import { permissionsTable } from './permissions-table.ts';
import { synthesise } from './synthesise.ts';

writeFileSync(
  new URL('../../docs/permissions.md', import.meta.url),
  permissionsTable(permissionsOf(synthesise('prod'))),
);
